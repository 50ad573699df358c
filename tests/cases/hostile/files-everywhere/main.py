import os

found = set()
for directory, _, _ in os.walk("/"):
    if directory.startswith(("/proc", "/sys")):
        continue
    try:
        open(os.path.join(directory, "left"), "w").close()
        found.add(directory)
    except OSError:
        pass
print("\n".join(sorted(found)))
