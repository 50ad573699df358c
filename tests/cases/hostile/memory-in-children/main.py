import os
import time

for _ in range(40):
    if os.fork() == 0:
        x = b"x" * (4 << 20)
        time.sleep(1000)
os.wait()  # for the first that the kernel kills
