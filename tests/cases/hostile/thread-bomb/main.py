import os
import threading

threading.stack_size(65536)
begin = threading.Event()


def burn():
    begin.wait()
    while True:
        pass


try:
    for _ in range(200):
        threading.Thread(target=burn, daemon=True).start()
except RuntimeError:
    os.write(1, b"refused\n")
begin.set()
burn()
