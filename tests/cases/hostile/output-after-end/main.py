import os

parent = os.getpid()
if os.fork() == 0:
    os.setsid()
    while os.getppid() == parent:
        pass
    while True:
        os.write(1, b"late\n")
os.write(1, b"end\n")
os._exit(0)
