import fcntl
import os
import socket

F_SETSIG, F_SETOWN = 10, 8
ends = [0, 1, 2, *(end.detach() for end in socket.socketpair())]
others = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
word = b"set\n"
for end in ends:
    for owner in [*others, *(-pid for pid in others)]:
        try:
            fcntl.fcntl(end, F_SETSIG, 9)
            fcntl.fcntl(end, F_SETOWN, owner)
            fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL) | os.O_ASYNC)
        except OSError:
            word = b"refused\n"
os.write(ends[-1], b"x")
os.write(1, word)
