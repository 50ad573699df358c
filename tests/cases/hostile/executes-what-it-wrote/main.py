import ctypes
import os
import shutil
import subprocess

executed = []
for place in ("/tmp", "/dev/shm"):
    shutil.copy("/usr/bin/true", f"{place}/true")
    with open(f"{place}/script", "w") as file:
        file.write("#!/bin/sh\nexit 0\n")
    os.chmod(f"{place}/script", 0o777)
    for words in ([f"{place}/true"], [f"{place}/script"], ["/lib64/ld-linux-x86-64.so.2", f"{place}/true"]):
        try:
            if subprocess.run(words, stderr=subprocess.DEVNULL).returncode == 0:
                executed.append(words)
        except PermissionError:
            pass
    shutil.copy("/lib/x86_64-linux-gnu/libm.so.6", f"{place}/libm.so")
    try:
        ctypes.CDLL(f"{place}/libm.so")
        executed.append("library")
    except OSError:
        pass
print("executed:", executed)
