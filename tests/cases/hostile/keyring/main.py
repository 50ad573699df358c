import ctypes

libc = ctypes.CDLL(None)
ADD_KEY, REQUEST_KEY, KEYCTL = 248, 249, 250
kept = 0
for ring in range(-8, 0):
    kept += libc.syscall(ADD_KEY, b"user", b"name", b"secret", 6, ring) >= 0
    kept += libc.syscall(REQUEST_KEY, b"user", b"name", None, ring) >= 0
    kept += libc.syscall(KEYCTL, 0, ring, 1) >= 0
kept += libc.syscall(KEYCTL, 1, b"session") >= 0
print("kept", kept)
