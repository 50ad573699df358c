"""One line: two integers within the limits."""

import re
import sys

INTEGER = r"(0|-?[1-9][0-9]*)"
match = re.fullmatch(rf"{INTEGER} {INTEGER}\n", sys.stdin.read())
assert match and all(abs(int(number)) <= 10**18 for number in match.groups())
sys.exit(42)
