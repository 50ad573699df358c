import os
import time


def hold(kb, piece_kb):
    return [b"x" * (piece_kb << 10) for _ in range(kb // piece_kb)]


shape, kb = input().split()
if shape == "one":
    pieces = hold(int(kb), int(kb))
elif shape == "many":
    pieces = hold(int(kb), 16)
else:
    for _ in range(4):
        if os.fork() == 0:
            pieces = hold(int(kb) // 4, 64)
            time.sleep(0.4)
            os._exit(0)
    for _ in range(4):
        os.wait()
print("held")
