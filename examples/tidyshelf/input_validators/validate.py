"""Two lines: n, and a permutation of 1 to n."""

import re
import sys

text = sys.stdin.read()
assert re.fullmatch(r"[1-9][0-9]*\n[1-9][0-9]*(?: [1-9][0-9]*)*\n", text)
n, *books = map(int, text.split())
assert n <= 20_000 and sorted(books) == list(range(1, n + 1))
sys.exit(42)
