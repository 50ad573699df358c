"""Makes the secret inputs, the same ones each time: `python3 generators/generate.py` in the package's directory."""

import random
from pathlib import Path

SECRET = Path("data/secret")


def write(name: str, books: list[int]) -> None:
    SECRET.mkdir(parents=True, exist_ok=True)
    (SECRET / f"{name}.in").write_text(f"{len(books)}\n{' '.join(map(str, books))}\n")


def main() -> None:
    source = random.Random(20252)
    write("01-one", [1])
    write("02-in-order", list(range(1, 11)))
    write("03-reversed", list(range(10, 0, -1)))
    write("04-last-first", [9, 1, 2, 3, 4, 5, 6, 7, 8])
    write("05-two-runs", [5, 6, 7, 8, 1, 2, 3, 4])
    write("06-zigzag", [book for pair in zip(range(11, 21), range(1, 11)) for book in pair])
    write("07-thirty", source.sample(range(1, 31), 30))
    write("08-nearly", nearly(source, 2_000, 60))
    write("09-large-random", source.sample(range(1, 20_001), 20_000))
    write("10-large-nearly", nearly(source, 20_000, 500))


def nearly(source: random.Random, n: int, moved: int) -> list[int]:
    books = list(range(1, n + 1))
    for _ in range(moved):
        books.insert(source.randrange(n), books.pop(source.randrange(n)))
    return books


main()
