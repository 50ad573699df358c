import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
try:
    while True:
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
except OSError:
    print("left", flush=True)
    os._exit(0)
