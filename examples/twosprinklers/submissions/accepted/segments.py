from math import acos, cos, pi, sin


def segment(own: int, other: int, distance: int) -> float:
    angle = acos((distance**2 + own**2 - other**2) / (2 * distance * own))
    return own**2 * (angle - sin(angle) * cos(angle))


r1, r2, d = map(int, input().split())
if d >= r1 + r2:
    area = 0.0
elif d <= abs(r1 - r2):
    area = pi * min(r1, r2) ** 2
else:
    area = segment(r1, r2, d) + segment(r2, r1, d)
print(f"{area:.9f}")
