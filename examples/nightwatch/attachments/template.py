"""Reads the museum; the rest is up to you."""

h, w = map(int, input().split())
rooms = [input() for _ in range(h)]
