import contextlib
import os
import time

i = 0
while time.process_time() < 1:
    i += 1
    with contextlib.suppress(FileNotFoundError):
        os.stat(f"/usr/{i}")
