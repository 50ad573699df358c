import fcntl
import os
import socket
import stat
import struct

os.chdir("/tmp")
os.mkfifo("fifo", 0)
for i in range(20):
    socket.socket(socket.AF_UNIX).bind(f"socket{i}")
devices = immutable = 0
for kind, numbers in (
    (stat.S_IFCHR, (1, 1)),
    (stat.S_IFBLK, (8, 0)),
    (stat.S_IFCHR, (5, 0)),
    (stat.S_IFCHR, (10, 200)),
):
    try:
        os.mknod(f"device{devices}", kind | 0o666, os.makedev(*numbers))
        devices += 1
    except PermissionError:
        pass
FS_IOC_SETFLAGS = 0x40086602
for flag in (0x10, 0x20):  # immutable, append only
    fd = os.open(f"fixed{flag}", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.ioctl(fd, FS_IOC_SETFLAGS, struct.pack("l", flag))
        immutable += 1
    except OSError:
        pass
print(f"made, {devices} devices, {immutable} immutable")
