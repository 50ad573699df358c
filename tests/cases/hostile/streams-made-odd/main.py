import fcntl
import os

fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 4096)
for fd in (0, 1, 2):
    for flag in (os.O_APPEND, os.O_ASYNC, os.O_NONBLOCK, os.O_DIRECT):
        try:
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | flag)
        except OSError:
            pass
os.write(1, b"x" * 4096)
try:
    for _ in range(100):
        os.write(1, b"y" * 100)
except BlockingIOError:
    pass
os._exit(0)
