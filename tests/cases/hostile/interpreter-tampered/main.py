import atexit
import builtins
import gc
import os
import random
import signal
import sys
import threading
import time

hostile = True
gc.disable()
gc.set_threshold(1, 1, 1)
gc.set_debug(gc.DEBUG_SAVEALL)
gc.callbacks.append(lambda *arguments: None)
gc.unfreeze()
sys.setrecursionlimit(200)
sys.setswitchinterval(100)
sys.settrace(lambda *arguments: None)
sys.setprofile(lambda *arguments: None)
sys.excepthook = sys.unraisablehook = sys.displayhook = print
sys.meta_path.insert(0, None)
sys.path_hooks.clear()
sys.path.insert(0, "/tmp")
sys.argv[:] = ["hostile"]
sys.dont_write_bytecode = True
sys.modules["json"] = sys.modules["hostile"] = sys
builtins.hostile = builtins.print = lambda *arguments, **more: os.write(1, b"trapped\n")
random.seed(1)
os.register_at_fork(before=os.getpid, after_in_child=os.getpid, after_in_parent=os.getpid)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
    signal.signal(number, lambda *arguments: None)
signal.setitimer(signal.ITIMER_REAL, 0.5)
for found in gc.get_objects():
    if isinstance(found, dict) and found.get("__name__") in {"_fork_server", "sitecustomize", "os", "time"}:
        found["hostile"] = True
time.sleep = None
os.write(1, b"tampered\n")
atexit.register(lambda: os.write(1, b"at the end\n"))
threading.Thread(target=lambda: None).start()
