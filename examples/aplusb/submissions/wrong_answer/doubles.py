"""Loses the last digits of large numbers."""

a, b = map(float, input().split())
print(int(a + b))
