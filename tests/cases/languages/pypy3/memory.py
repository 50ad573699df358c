shape, kb = input().split()
size = int(kb) << 10
if shape == "one":
    pieces = [[0.5] * (size // 8)]
else:
    pieces = [[i] * 1024 for i in range(size // 8192)]
print("held")
assert pieces[0]
