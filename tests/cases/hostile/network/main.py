import ctypes
import os
import socket

reached = []


def attempt(what, action):
    try:
        action()
        reached.append(what)
    except OSError:
        pass


for family in range(2, 46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        attempt((family, kind), lambda: socket.socket(family, kind))
for address in ("1.1.1.1", "172.17.0.1", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::1"):
    for port in (22, 53, 80, 2375, 6379, 8000):
        attempt((address, port), lambda: socket.create_connection((address, port), timeout=1))
for name in ("localhost", "example.com", "host.docker.internal", "redis"):
    attempt(name, lambda: socket.create_connection((name, 80), timeout=1))
libc = ctypes.CDLL(None)
for family in (2, 10, 16, 17):
    pair = (ctypes.c_int * 2)()
    if libc.socketpair(family, 1, 0, pair) == 0 or libc.syscall(41, family, 3, 255) >= 0:
        reached.append(family)
interfaces = set(os.listdir("/sys/class/net")) - {"lo", "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0"}
interfaces -= {"ip_vti0", "ip6_vti0", "ip6gre0"}
print("reached:", reached + sorted(interfaces))
