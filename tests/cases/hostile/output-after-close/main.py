import os

os.write(1, b"before\n")
if os.fork() == 0:
    os.write(1, b"child\n")
    os._exit(0)
os.wait()
os.close(1)
for number in (1, 2):
    try:
        os.write(1, b"after\n")
    except OSError:
        pass
    try:
        os.open("/proc/self/fd/1", os.O_WRONLY)
    except OSError:
        pass
os._exit(0)
