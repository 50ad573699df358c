"""Looks the sum up in a table that is too short for most sums."""

a, b = map(int, input().split())
table = list(range(-10, 11))
if abs(a + b) > 10:
    raise KeyError(a + b)
print(table[a + b + 10])
