import ctypes
import os
import signal
import time

CLONE_PARENT = 0x8000
libc = ctypes.CDLL(None)
for i in range(30):
    if libc.syscall(56, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        if i % 3 == 0:
            os._exit(77)
        if i % 3 == 1:
            os.kill(os.getpid(), signal.SIGSEGV)
        while True:
            time.sleep(1000)
time.sleep(0.05)
print("left")
