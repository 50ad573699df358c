"""Breadth first: all rooms at a distance of 1, of 2, and so on."""


def main() -> None:
    h, w = map(int, input().split())
    rooms = {(row, column): sign for row in range(h) for column, sign in enumerate(input())}
    wave = [place for place, sign in rooms.items() if sign == "G"]
    seen, minutes = set(wave), 0
    while wave:
        if any(rooms[place] == "A" for place in wave):
            print(minutes)
            return
        around = {(r + dr, c + dc) for r, c in wave for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0))}
        wave = [place for place in around if rooms.get(place, "#") != "#" and place not in seen]
        seen.update(wave)
        minutes += 1
    print("impossible")


main()
