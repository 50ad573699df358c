"""Keeps each book that is larger than the last one kept."""

n = int(input())
kept, last = 0, 0
for book in map(int, input().split()):
    if book > last:
        kept, last = kept + 1, book
print(n - kept)
