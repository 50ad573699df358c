import os

found = 0
for fd in range(3, 1024):
    try:
        os.fstat(fd)
        found += 1
        os.write(fd, b"\0" * 64)
    except OSError:
        pass
print("descriptors:", found)
