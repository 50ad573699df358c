"""Two lines: n and k, and n integers, separated by single spaces."""

import re
import sys

INTEGER = r"(?:0|-?[1-9][0-9]*)"
text = sys.stdin.read()
assert re.fullmatch(rf"{INTEGER} {INTEGER}\n{INTEGER}(?: {INTEGER})*\n", text)
n, k, *changes = map(int, text.split())
assert 1 <= k <= n <= 100_000 and len(changes) == n
assert all(-10_000 <= change <= 10_000 for change in changes)
sys.exit(42)
