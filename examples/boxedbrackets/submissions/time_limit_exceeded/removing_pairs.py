"""Looks for a pair from the start, removes it, and begins again.

What is left tells right from wrong, but not where it went wrong: that is wrong elsewhere, which is allowed here.
"""

text = list(input())
length = len(text)
changed = True
while changed:
    changed = False
    for index in range(len(text) - 1):
        if text[index] + text[index + 1] in ("()", "[]", "{}"):
            text = [bracket for place, bracket in enumerate(text) if place not in (index, index + 1)]
            changed = True
            break
print(length + 1 if text else "OK")
