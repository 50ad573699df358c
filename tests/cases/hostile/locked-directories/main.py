import os

for top in ("/tmp", "/dev/shm"):
    os.chdir(top)
    for i in range(150):
        os.makedirs(f"{i}/a/b")
        os.mkdir(f"{i}/{i}")
        open(f"{i}/a/f", "w").close()
        os.chmod(f"{i}/a/f", 0)
        for path in (f"{i}/a/b", f"{i}/a", f"{i}/{i}", str(i)):
            os.chmod(path, 0)
for top in ("/tmp", "/dev/shm"):
    try:
        os.chmod(top, 0)
    except PermissionError:
        pass
print("made")
