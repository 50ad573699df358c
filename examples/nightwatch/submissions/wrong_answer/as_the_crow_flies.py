"""Walks through locked rooms."""

h, w = map(int, input().split())
rooms = [input() for _ in range(h)]
places = [next((r, row.index(sign)) for r, row in enumerate(rooms) if sign in row) for sign in "GA"]
print(abs(places[0][0] - places[1][0]) + abs(places[0][1] - places[1][1]))
