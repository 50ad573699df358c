from collections import deque

Museum = tuple[str, int]


def read_museum() -> Museum:
    """All rooms in one string, with a locked column at the end of each row and a locked row around them."""
    h, w = map(int, input().split())
    wall = "#" * (w + 1)
    return wall + "".join(input() + "#" for _ in range(h)) + wall, w + 1


def distance(museum: Museum) -> int | None:
    rooms, width = museum
    minutes = {rooms.index("G"): 0}
    queue = deque(minutes)
    while queue:
        place = queue.popleft()
        if rooms[place] == "A":
            return minutes[place]
        for step in (1, -1, width, -width):
            if rooms[place + step] != "#" and place + step not in minutes:
                minutes[place + step] = minutes[place] + 1
                queue.append(place + step)
    return None
