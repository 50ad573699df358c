import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
MOUNT, UMOUNT, PIVOT_ROOT, OPEN_TREE, MOVE_MOUNT, FSOPEN, FSMOUNT, MOUNT_SETATTR = (
    165,
    166,
    155,
    428,
    429,
    430,
    432,
    442,
)
calls = [
    (MOUNT, b"none", b"/tmp", b"tmpfs", 0, None),
    (UMOUNT, b"/tmp", 2),
    (PIVOT_ROOT, b"/tmp", b"/tmp"),
    (OPEN_TREE, -100, b"/tmp", 1),
    (MOVE_MOUNT, -100, b"/tmp", -100, b"/box", 0),
    (FSOPEN, b"tmpfs", 0),
    (FSMOUNT, 0, 0, 0),
    (MOUNT_SETATTR, -100, b"/", 0, None, 0),
]
names = []
for number, *arguments in calls:
    result = libc.syscall(number, *arguments)
    names.append("done" if result >= 0 else errno.errorcode[ctypes.get_errno()])
print(*names)
