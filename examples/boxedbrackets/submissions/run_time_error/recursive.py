"""One call per box, and the interpreter allows some thousand."""

import sys

text = sys.stdin.readline().strip()
lid_of = {"(": ")", "[": "]", "{": "}"}


def after_boxes(position: int, inner: bool) -> int:
    """Reads boxes side by side from there; returns where the lid around them is."""
    while position < len(text) and text[position] in lid_of:
        lid = lid_of[text[position]]
        position = after_boxes(position + 1, True)
        if position == len(text) or text[position] != lid:
            raise SystemExit(print(position + 1))
        position += 1
    return position


end = after_boxes(0, False)
print("OK" if end == len(text) else end + 1)
