import fcntl
import os
import socket

held = []


def fill(end):
    os.set_blocking(end, False)
    try:
        while True:
            os.write(end, bytes(65536))
    except BlockingIOError:
        pass


try:
    while True:
        reader, writer = os.pipe()
        held.append(reader)
        try:
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 20)
        except PermissionError:
            pass
        fill(writer)
        a, b = socket.socketpair()
        a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        held.append((a, b))
        fill(a.fileno())
except OSError as error:
    print(error.strerror)
