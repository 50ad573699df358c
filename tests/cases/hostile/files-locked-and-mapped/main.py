import fcntl
import mmap
import os
import time

if os.fork() == 0:
    held = []
    for i in range(30):
        file = open(f"/dev/shm/{i}", "w+b")
        file.truncate(4096)
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.lockf(file, fcntl.LOCK_EX)
        held.append((file, mmap.mmap(file.fileno(), 4096)))
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError:
            pass
        os.unlink(file.name)
    open("/tmp/ready", "w").close()
    time.sleep(1000)
while not os.path.exists("/tmp/ready"):
    time.sleep(0.001)
print("left")
