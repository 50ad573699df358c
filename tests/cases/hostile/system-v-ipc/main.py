import ctypes

libc = ctypes.CDLL(None)
left = 0
for key in (0, 1, 0x7FFFFFFF):
    left += libc.shmget(key, 4096, 0o1666) >= 0
    left += libc.semget(key, 1, 0o1666) >= 0
    left += libc.msgget(key, 0o1666) >= 0
print("left", left)
