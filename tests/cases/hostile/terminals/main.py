import fcntl
import os
import pty
import termios
import time

if os.fork() == 0:
    os.setsid()
    held = []
    try:
        while len(held) < 100:
            held.append(pty.openpty())
    except OSError:
        pass
    if held:
        try:
            fcntl.ioctl(held[0][1], termios.TIOCSCTTY, 0)
            fcntl.ioctl(held[0][1], termios.TIOCSTI, b"x")
        except OSError:
            pass
    open("/tmp/ready", "w").close()
    time.sleep(1000)
while not os.path.exists("/tmp/ready"):
    time.sleep(0.001)
print("left")
