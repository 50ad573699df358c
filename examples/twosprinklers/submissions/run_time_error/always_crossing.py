"""Believes that the circles cross: acos of more than 1, and a division by zero."""

from math import acos, cos, sin


def segment(own, other, distance):
    angle = acos((distance**2 + own**2 - other**2) / (2 * distance * own))
    return own**2 * (angle - sin(angle) * cos(angle))


r1, r2, d = map(int, input().split())
print(segment(r1, r2, d) + segment(r2, r1, d))
