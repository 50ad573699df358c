"""Patience sorting: the number of piles is the length of the longest increasing subsequence."""

from bisect import bisect_left


def main() -> None:
    n = int(input())
    tops: list[int] = []
    for book in map(int, input().split()):
        place = bisect_left(tops, book)
        tops[place : place + 1] = [book]
    print(n - len(tops))


main()
