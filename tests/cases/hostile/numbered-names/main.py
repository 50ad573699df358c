import os

os.chdir("/tmp")
for i in range(1, 40):
    kind = i % 4
    if kind == 0:
        open(str(i), "w").close()
    elif kind == 1:
        os.symlink("/box", str(i))
    else:
        for j in range(1, 10):
            os.makedirs(f"{i}/{j}/{i}/{j}")
            open(f"{i}/{j}/file", "w").close()
        os.symlink("..", f"{i}/up")
print("made")
