import errno
import os

fd = os.open("/tmp/sparse", os.O_RDWR | os.O_CREAT)
for attempt in (lambda: os.ftruncate(fd, 1 << 40), lambda: os.pwrite(fd, b"x", 1 << 40)):
    try:
        attempt()
    except OSError as error:
        print(errno.errorcode[error.errno])
os.ftruncate(fd, 255 << 20)
print(os.fstat(fd).st_size >> 20)
