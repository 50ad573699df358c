"""Makes the secret inputs, the same ones each time: `python3 generators/generate.py` in the package's directory."""

import random
from pathlib import Path

SECRET = Path("data/secret")


def write(name: str, rows: list[str]) -> None:
    SECRET.mkdir(parents=True, exist_ok=True)
    (SECRET / f"{name}.in").write_text("\n".join([f"{len(rows)} {len(rows[0])}", *rows, ""]))


def scattered(source: random.Random, height: int, width: int, locked: float) -> list[list[str]]:
    return [["#" if source.random() < locked else "." for _ in range(width)] for _ in range(height)]


def with_ends(grid: list[list[str]]) -> list[str]:
    grid[0][0], grid[-1][-1] = "G", "A"
    return ["".join(row) for row in grid]


def snake(size: int) -> list[str]:
    """One way only, through every second row."""
    rows = ["." * size if row % 2 == 0 else "#" * size for row in range(size)]
    for row in range(1, size - 1, 2):
        gap = size - 1 if row % 4 == 1 else 0
        rows[row] = "#" * gap + "." + "#" * (size - 1 - gap)
    return with_ends([list(row) for row in rows])


def walled_in(grid: list[list[str]]) -> list[str]:
    """Locks the rooms around the last corner."""
    for row, column in ((-1, -2), (-2, -1), (-2, -2)):
        grid[row][column] = "#"
    return with_ends(grid)


def main() -> None:
    source = random.Random(20255)
    write("01-neighbours-small", ["GA"])
    write("02-walled-in-small", ["G#.", "##.", "..A"])
    write("03-detour-small", ["G.#A", "..#.", "...."])
    write("04-corridor-small", ["G" + "." * 30 + "A"])
    write("05-open-large", with_ends(scattered(source, 200, 200, 0.0)))
    write("06-scattered-large", with_ends(scattered(source, 200, 180, 0.25)))
    write("07-snake", snake(199))
    write("08-walled-in-large", walled_in(scattered(source, 200, 200, 0.05)))


main()
