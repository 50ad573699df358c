import os
import time

children = [os.fork() for _ in range(4)]
while time.process_time() < 0.3:
    pass
