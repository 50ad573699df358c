import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)
CLONE, UNSHARE, SETNS, CLONE3 = 56, 272, 308, 435
FLAGS = (0x00000080, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)


def call(name, number, *arguments):
    result = libc.syscall(number, *arguments)
    if result == 0 and name.startswith("clone"):
        os._exit(0)
    print(name, "done" if result >= 0 else errno.errorcode[ctypes.get_errno()], flush=True)


for flag in FLAGS:
    call("unshare", UNSHARE, flag)
    if flag != 0x80:  # among clone's flags that is part of the signal
        call("clone", CLONE, flag | 17, 0, 0, 0, 0)
    call("setns", SETNS, os.open("/proc/self/ns/net", os.O_RDONLY), flag)
    call("clone3", CLONE3, (ctypes.c_uint64 * 11)(flag, 0, 0, 0, 17), 88)
try:
    fd = os.open("/proc/self/uid_map", os.O_WRONLY)
    os.write(fd, b"0 0 1")
    print("uid_map written")
except OSError as error:
    print("uid_map", errno.errorcode[error.errno])
