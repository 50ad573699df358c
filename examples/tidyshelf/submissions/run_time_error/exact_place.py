"""Looks for books one past the largest."""

n = int(input())
books = list(map(int, input().split()))
place = {book: index for index, book in enumerate(books)}
length = [1] * (n + 1)
for book in range(1, n + 1):
    if place[book + 1] > place[book]:
        length[book + 1] = length[book] + 1
print(n - max(length))
