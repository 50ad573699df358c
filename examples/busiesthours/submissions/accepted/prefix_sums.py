from itertools import accumulate

n, k = map(int, input().split())
totals = [0, *accumulate(map(int, input().split()))]
print(max(late - early for early, late in zip(totals, totals[k:])))
