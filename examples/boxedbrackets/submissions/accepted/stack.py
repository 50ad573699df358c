def first_fault(text: str) -> int:
    """The position of the first fault, 0 if there is none."""
    lid_of = {"(": ")", "[": "]", "{": "}"}
    expected: list[str] = []
    for position, bracket in enumerate(text, 1):
        if bracket in lid_of:
            expected.append(lid_of[bracket])
        elif not expected or expected.pop() != bracket:
            return position
    return len(text) + 1 if expected else 0


print(first_fault(input()) or "OK")
