import os

others = 0
for path in ("/box/main.py", "/etc/passwd", "/usr/bin/python3", "/proc/1/environ", "/proc/self/exe", "/dev/null"):
    for place in ("/tmp", "/dev/shm"):
        for follow in (False, True):
            try:
                os.link(path, f"{place}/stolen{others}", follow_symlinks=follow)
                others += 1
            except OSError:
                pass
open("/tmp/one", "w").close()
for i in range(100):
    os.mkdir(f"/tmp/d{i}", 0o700)
    os.link("/tmp/one", f"/tmp/d{i}/one")
    os.chmod(f"/tmp/d{i}", 0)
os.chmod("/tmp/one", 0)
print(f"made 100, others {others}")
