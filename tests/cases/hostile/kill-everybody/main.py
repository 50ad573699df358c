import os

for _ in range(3):
    try:
        os.kill(-1, 9)  # the kernel tells of a success where there was anybody at all
    except OSError:
        pass
os.kill(0, 9)
