import ctypes
import os
from multiprocessing import resource_tracker, shared_memory

libc = ctypes.CDLL(None)
O_CREAT, O_RDWR = 0o100, 0o2
queues = memory = 0
for i in range(3):
    queues += libc.mq_open(b"/queue%d" % i, O_CREAT | O_RDWR, 0o600, None) >= 0
    kept = shared_memory.SharedMemory(f"left{i}", create=True, size=4096)
    resource_tracker.unregister("/" + kept.name, "shared_memory")
    memory += 1
    libc.sem_open(b"/semaphore%d" % i, O_CREAT, 0o600, 3)
try:
    open("/dev/mqueue/queue", "w").close()
    queues += 1
except OSError:
    pass
print(f"queues {queues}, memory {memory}", flush=True)
os._exit(0)
