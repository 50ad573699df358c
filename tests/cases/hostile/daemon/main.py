import os
import socket
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        held = [open(f"/tmp/{i}", "w") for i in range(20)]
        for i in range(10):
            os.unlink(f"/tmp/{i}")
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind("\0daemon")
        for fd in (0, 1, 2):
            os.close(fd)
        open("/tmp/ready", "w").close()
        time.sleep(1000)
    os._exit(0)
os.wait()
while not os.path.exists("/tmp/ready"):
    time.sleep(0.001)
print("left")
