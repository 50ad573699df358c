import os
import time

if os.fork() == 0:
    while True:
        pass
while time.process_time() < 0.1:
    pass
os.kill(0, 9)
