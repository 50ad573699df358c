"""Tries for each book whether it stays, with no memory of what was tried: exponentially many choices."""

import sys

sys.setrecursionlimit(100_000)
n = int(input())
books = list(map(int, input().split()))


def kept(index: int, last: int) -> int:
    while index < n and books[index] < last:
        index += 1
    if index == n:
        return 0
    return max(1 + kept(index + 1, books[index]), kept(index + 1, last))


print(n - kept(0, 0))
