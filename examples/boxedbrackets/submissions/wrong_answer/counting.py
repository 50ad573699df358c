"""Counts each kind by itself, so brackets may cross."""

text = input()
open_boxes = dict.fromkeys("([{", 0)
box_of = {")": "(", "]": "[", "}": "{"}
for position, bracket in enumerate(text, 1):
    if bracket in open_boxes:
        open_boxes[bracket] += 1
    elif open_boxes[box_of[bracket]]:
        open_boxes[box_of[bracket]] -= 1
    else:
        print(position)
        break
else:
    print(len(text) + 1 if any(open_boxes.values()) else "OK")
