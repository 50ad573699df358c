import os
import socket

os.write(1, b"sent\n")
a, b = socket.socketpair()
for _ in range(50):
    fd = os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
    os.write(fd, b"secret" * 1000)
    try:
        socket.send_fds(a, [b"x"], [fd, 0, 1, 2, a.fileno(), b.fileno()])
    except OSError:
        break
    os.close(fd)
