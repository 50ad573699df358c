import os

if os.fork() == 0:
    x = b"x" * (1 << 30)
os.wait()
print("fine")
