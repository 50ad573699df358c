"""Takes the first way it finds, which needn't be the shortest."""

h, w = map(int, input().split())
rooms = [input() for _ in range(h)]
start = next((r, row.index("G")) for r, row in enumerate(rooms) if "G" in row)
stack, seen = [(start, 0)], {start}
answer = "impossible"
while stack:
    (r, c), minutes = stack.pop()
    if rooms[r][c] == "A":
        answer = minutes
        break
    for place in ((r, c + 1), (r + 1, c), (r, c - 1), (r - 1, c)):
        if 0 <= place[0] < h and 0 <= place[1] < w and rooms[place[0]][place[1]] != "#" and place not in seen:
            seen.add(place)
            stack.append((place, minutes + 1))
print(answer)
