import os
import signal
import time

for _ in range(60):
    try:
        if os.fork() == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
    except OSError:
        time.sleep(1000)
