import os

i = 0
while True:
    i += 1
    try:
        os.stat(f"/tmp/{i}{'x' * 230}")
    except FileNotFoundError:
        pass
