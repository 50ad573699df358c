"""One line: two radii and a distance."""

import re
import sys

match = re.fullmatch(r"([1-9][0-9]*) ([1-9][0-9]*) (0|[1-9][0-9]*)\n", sys.stdin.read())
assert match
r1, r2, d = map(int, match.groups())
assert max(r1, r2) <= 1000 and d <= 2000
sys.exit(42)
