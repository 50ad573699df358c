import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    while time.process_time() < 0.4:
        pass
    os._exit(0)
try:
    os.wait()
except ChildProcessError:
    pass
