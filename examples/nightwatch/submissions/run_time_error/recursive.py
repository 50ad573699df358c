"""Depth first by calling itself, with distances mended on the way: too deep for the interpreter in large museums."""

h, w = map(int, input().split())
rooms = [input() for _ in range(h)]
best = {}


def visit(r, c, minutes):
    if not (0 <= r < h and 0 <= c < w) or rooms[r][c] == "#" or best.get((r, c), h * w) <= minutes:
        return
    best[r, c] = minutes
    for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        visit(r + dr, c + dc, minutes + 1)


start = next((r, row.index("G")) for r, row in enumerate(rooms) if "G" in row)
visit(*start, 0)
goal = next((r, row.index("A")) for r, row in enumerate(rooms) if "A" in row)
print(best.get(goal, "impossible"))
