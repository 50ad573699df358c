"""Adds each stretch up anew: up to 2.5 billion additions."""

n, k = map(int, input().split())
changes = list(map(int, input().split()))
best = None
for start in range(n - k + 1):
    total = 0
    for index in range(start, start + k):
        total += changes[index]
    if best is None or total > best:
        best = total
print(best)
