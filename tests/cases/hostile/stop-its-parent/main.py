import os
import signal

for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
    try:
        os.kill(os.getppid(), number)
        print("parent: yes")
    except PermissionError:
        pass
print("parent: no", flush=True)
os.fork()
os.kill(0, signal.SIGSTOP)
