import os
import random
import threading

os.chdir("/tmp")
targets = [
    "/",
    "/box",
    "/box/main.py",
    "/etc/passwd",
    "/proc/1/root",
    "/proc/1/cwd",
    "/proc/self",
    "/dev/shm",
    "..",
    "x",
]
for i, target in enumerate(targets):
    os.symlink(target, f"link{i}")
    os.mkdir(f"d{i}")
    os.symlink(target, f"d{i}/link")
os.symlink("loop2", "loop1")
os.symlink("loop1", "loop2")


def swap():
    """A directory that is a link every other moment, until the end."""
    while True:
        name = random.choice("abc")
        try:
            os.mkdir(name)
            os.rename(name, name + "_")
            os.symlink("/box", name)
            os.unlink(name)
            os.rmdir(name + "_")
        except OSError:
            pass


if os.fork() == 0:
    swap()
threading.Event().wait(0.05)
print("made")
