"""Says `ok`, but the answer is `OK`: capitals count in this problem."""

lid_of = {"(": ")", "[": "]", "{": "}"}
text, expected = input(), []
for position, bracket in enumerate(text, 1):
    if bracket in lid_of:
        expected.append(lid_of[bracket])
    elif not expected or expected.pop() != bracket:
        print(position)
        break
else:
    print(len(text) + 1 if expected else "ok")
