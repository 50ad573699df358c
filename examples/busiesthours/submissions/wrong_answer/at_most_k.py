"""Takes shorter stretches at the beginning for stretches of k."""

n, k = map(int, input().split())
changes = list(map(int, input().split()))
best = window = changes[0]
for index in range(1, n):
    window += changes[index] - (changes[index - k] if index >= k else 0)
    best = max(best, window)
print(best)
