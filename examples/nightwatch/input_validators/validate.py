"""The size, and a grid of that size with one G and one A."""

import re
import sys

text = sys.stdin.read()
assert re.fullmatch(r"[1-9][0-9]* [1-9][0-9]*\n(?:[.#GA]+\n)+", text)
size, *rows = text.splitlines()
h, w = map(int, size.split())
assert h <= 200 and w <= 200 and len(rows) == h and all(len(row) == w for row in rows)
assert text.count("G") == text.count("A") == 1
sys.exit(42)
