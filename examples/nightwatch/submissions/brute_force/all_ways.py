"""Follows every way that enters no room twice, right but only for small museums."""

h, w = map(int, input().split())
rooms = [input() for _ in range(h)]


def around(r, c):
    places = ((r, c + 1), (r + 1, c), (r, c - 1), (r - 1, c))
    return (place for place in places if 0 <= place[0] < h and 0 <= place[1] < w and rooms[place[0]][place[1]] != "#")


start = next((r, row.index("G")) for r, row in enumerate(rooms) if "G" in row)
best = None
way, on_way, left = [start], {start}, [around(*start)]
while way:
    place = next(left[-1], None)
    if place is None:
        left.pop()
        on_way.remove(way.pop())
    elif rooms[place[0]][place[1]] == "A":
        best = len(way) if best is None else min(best, len(way))
    elif place not in on_way:
        way.append(place)
        on_way.add(place)
        left.append(around(*place))
print("impossible" if best is None else best)
