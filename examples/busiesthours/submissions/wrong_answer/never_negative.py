"""Starts from nothing, so a stretch that only loses passengers counts as 0."""

n, k = map(int, input().split())
changes = list(map(int, input().split()))
best = window = 0
for index, change in enumerate(changes):
    window += change - (changes[index - k] if index >= k else 0)
    if index >= k - 1:
        best = max(best, window)
print(best)
