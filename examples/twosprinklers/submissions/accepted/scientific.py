"""The same area by a formula with a square root, printed in scientific notation."""

from math import acos, pi, sqrt

r, s, d = map(int, input().split())
if d >= r + s:
    area = 0.0
elif d <= abs(r - s):
    area = pi * min(r, s) ** 2
else:
    kite = sqrt((-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s)) / 2
    area = r * r * acos((d * d + r * r - s * s) / (2 * d * r)) + s * s * acos((d * d + s * s - r * r) / (2 * d * s)) - kite
print(f"{area:.12e}")
