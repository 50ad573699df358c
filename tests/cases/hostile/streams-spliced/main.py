import os

with open("/usr/bin/python3", "rb") as file:
    os.splice(file.fileno(), 1, 30000)
for path, flags in (("/proc/self/fd/0", os.O_WRONLY), ("/dev/stdin", os.O_RDWR)):
    fd = os.open(path, flags | os.O_NONBLOCK)
    try:
        while True:
            os.write(fd, bytes(65536))
    except BlockingIOError:
        pass
