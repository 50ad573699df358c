"""Adds up a hundred million thin strips."""

from math import sqrt

STRIPS = 10**8
r1, r2, d = map(int, input().split())
left, right = max(-r1, d - r2), min(r1, d + r2)
width = max(0, right - left) / STRIPS
area = 0.0
for strip in range(STRIPS):
    x = left + (strip + 0.5) * width
    first, second = r1 * r1 - x * x, r2 * r2 - (x - d) ** 2
    area += 2 * sqrt(max(0.0, min(first, second))) * width
print(area)
