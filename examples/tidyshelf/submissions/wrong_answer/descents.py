"""Counts the places where a smaller book follows a larger one."""

n = int(input())
books = list(map(int, input().split()))
print(sum(left > right for left, right in zip(books, books[1:])))
