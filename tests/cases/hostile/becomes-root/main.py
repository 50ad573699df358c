import os
import stat
import subprocess

root = 0
for attempt in (
    lambda: os.setuid(0),
    lambda: os.seteuid(0),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.setgid(0),
    lambda: os.setresgid(0, 0, 0),
    lambda: os.setgroups([0]),
    lambda: os.setresuid(os.getuid() + 1, -1, -1),
):
    try:
        attempt()
        root += 1
    except OSError:
        pass
for directory, _, names in os.walk("/usr"):
    for path in (os.path.join(directory, name) for name in names):
        status = os.lstat(path)
        if stat.S_ISREG(status.st_mode) and status.st_mode & (stat.S_ISUID | stat.S_ISGID):
            try:
                done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=5)
            except (OSError, subprocess.TimeoutExpired):
                continue
            root += b"uid=0" in done.stdout
root += subprocess.run(["cp", "/usr/bin/id", "/tmp/id"]).returncode == 0 and os.stat("/tmp/id").st_uid == 0
try:
    os.chmod("/tmp/id", 0o6777)
except OSError:
    pass
print("root:", root)
