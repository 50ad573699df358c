"""Forgets that one disc may lie inside the other."""

from math import acos, cos, sin


def segment(own, other, distance):
    cosine = (distance**2 + own**2 - other**2) / (2 * max(distance, 1) * own)
    angle = acos(max(-1.0, min(1.0, cosine)))
    return own**2 * (angle - sin(angle) * cos(angle))


r1, r2, d = map(int, input().split())
print(0 if d >= r1 + r2 else segment(r1, r2, d))
