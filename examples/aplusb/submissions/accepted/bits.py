"""Adds without `+`, by carries, in 128 bits of two's complement."""

import sys

MASK = (1 << 128) - 1
a, b = (int(word) & MASK for word in sys.stdin.read().split())
while b:
    a, b = a ^ b, ((a & b) << 1) & MASK
print(a if a < 1 << 127 else a - (1 << 128))
