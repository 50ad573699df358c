"""Makes the secret inputs, the same ones each time: `python3 generators/generate.py` in the package's directory."""

import random
from pathlib import Path

SECRET = Path("data/secret")
LIMIT = 10_000


def write(name: str, k: int, changes: list[int]) -> None:
    SECRET.mkdir(parents=True, exist_ok=True)
    (SECRET / f"{name}.in").write_text(f"{len(changes)} {k}\n{' '.join(map(str, changes))}\n")


def main() -> None:
    source = random.Random(20251)
    write("01-one-stop", 1, [-7])
    write("02-all-of-them", 5, [1, -2, 3, -4, 5])
    write("03-first-stretch", 2, [9, 9, -1, 2, 3])
    write("04-last-stretch", 3, [-5, 0, 1, 7, 8])
    write("05-only-losses", 3, [-4, -3, -9, -1, -6, -2])
    write("06-short-is-better", 3, [10, -9, -9, 1, 2])
    write("07-small-random", 17, [source.randint(-50, 50) for _ in range(300)])
    write("08-large-half", 50_000, [source.randint(-LIMIT, LIMIT) for _ in range(100_000)])
    write("09-large-losses", 49_999, [source.randint(-LIMIT, -1) for _ in range(100_000)])


main()
