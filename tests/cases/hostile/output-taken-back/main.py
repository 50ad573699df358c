import os

back = os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK)
for _ in range(2000):
    os.write(1, b"x" * 30000)
    try:
        os.read(back, 1 << 20)
    except BlockingIOError:
        pass
