import os

done = 0
paths = ["/etc/passwd", "/usr/bin/python3", "/box/main.py", "/box", "/opt/verdict", "/dev/null", "/dev", "/"]
paths += [os.path.join(top, name) for top, _, names in os.walk("/opt") for name in names][:50]
for path in paths:
    for attempt in (
        lambda: os.open(path, os.O_WRONLY | os.O_TRUNC) if path != "/dev/null" else os.unlink(path),
        lambda: os.rename(path, path + "x"),
        lambda: os.unlink(path),
        lambda: os.rmdir(path),
        lambda: os.chmod(path, 0o777),
        lambda: os.chown(path, os.getuid(), os.getgid()),
        lambda: os.utime(path, (0, 0)),
        lambda: os.symlink("/tmp", path + "/x"),
        lambda: os.truncate(path, 0),
    ):
        try:
            attempt()
            done += 1
            print(path, attempt.__code__.co_firstlineno)
        except OSError:
            pass
print("done:", done)
