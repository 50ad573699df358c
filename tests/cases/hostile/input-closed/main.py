import os
import time

os.close(0)
time.sleep(0.05)
print("x" * 100_000)
