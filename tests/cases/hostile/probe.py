"""What a program finds around it, as JSON: nothing of whatever ran here before may be among it.

The host compares what it prints with what it printed in a container where nothing had run yet.
"""

import builtins
import fcntl
import gc
import json
import os
import resource
import signal
import sys
import threading

# What the hostile programs carry, and what nobody ever carried; masked, so as not to find themselves.
SECRET, CONTROL = (bytes(byte ^ 1 for byte in masked) for masked in (b"{masked}", b"{control}"))
STATUS = ("Groups", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapEff", "CapBnd", "Threads")
STATUS += ("NoNewPrivs", "Seccomp", "TracerPid", "CoreDumping", "Umask", "Cpus_allowed")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace")
    except OSError as error:
        return error.strerror


def processes():
    """User and name of all but ourselves."""
    found = []
    for pid in os.listdir("/proc"):
        if pid.isdigit() and int(pid) != os.getpid():
            user = next((line.split()[1] for line in read(f"/proc/{pid}/status").splitlines() if "Uid:" in line), "?")
            found.append([user, read(f"/proc/{pid}/comm").strip()])
    return sorted(found)


def status():
    lines = (line.split(":", 1) for line in read("/proc/self/status").splitlines())
    return {name: value.split() for name, value in lines if name in STATUS}


def files():
    """All that is below what is mounted read-write, with the inodes and blocks that are in use there."""
    found = {}
    for line in read("/proc/self/mountinfo").splitlines():
        left, right = line.split(" - ", 1)
        path, options = left.split(" ")[4:6]
        if right.split(" ")[0] not in ("tmpfs", "mqueue", "ramfs", "overlay", "ext4") or not os.path.isdir(path):
            continue
        if "rw" not in options.split(",") or path.startswith(("/proc", "/sys")) or path == "/dev":
            continue
        names = [os.path.join(directory, name) for directory, inner, names in os.walk(path) for name in inner + names]
        space = os.statvfs(path)
        used = [space.f_files - space.f_ffree, space.f_blocks - space.f_bfree] if path != "/box" else None
        found[path] = [sorted(map(ascii, names)), used]
    return found


def sockets():
    """Names of sockets, and how many there are, whatever holds them."""
    lines = read("/proc/net/unix").splitlines()[1:]
    return [sorted(line.split()[7] for line in lines if len(line.split()) > 7), len(lines)]


def memory_holds_the_secret():
    """Every page that we may read, through the kernel if it lets us, else directly."""
    import ctypes

    pieces = 0
    for line in read("/proc/self/maps").splitlines():
        bounds, rights = line.split()[:2]
        if "r" not in rights or "[v" in line or "/usr/" in line:
            continue
        start, end = (int(number, 16) for number in bounds.split("-"))
        try:
            with open("/proc/self/mem", "rb", 0) as memory:
                memory.seek(start)
                content = memory.read(end - start)
        except PermissionError:
            content = ctypes.string_at(start, end - start)
        except OSError:
            continue
        pieces += content.count(SECRET) - content.count(CONTROL)
        del content
    return pieces


def interpreter():
    return {
        "gc": [gc.isenabled(), gc.get_threshold(), gc.get_debug(), len(gc.callbacks), len(gc.garbage)],
        "sys": [sys.getrecursionlimit(), sys.getswitchinterval(), sys.argv, sys.flags.__repr__(), sys.path],
        "hooks": [sys.gettrace() is None, sys.getprofile() is None, sys.excepthook is sys.__excepthook__],
        "meta": [len(sys.meta_path), len(sys.path_hooks), sys.dont_write_bytecode, sys.pycache_prefix],
        "builtins": sorted(vars(builtins)),
        "modules": sorted(name for name in sys.modules if getattr(sys.modules[name], "hostile", False)),
        "threads": threading.active_count(),
        "handlers": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    }


def main():
    limits = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    found = {
        "processes": processes(),
        "pids": read("/sys/fs/cgroup/pids/pids.current").strip(),
        "files": files(),
        "queues": os.listdir("/dev/mqueue"),
        "terminals": os.listdir("/dev/pts"),
        "ipc": [read(f"/proc/sysvipc/{table}").count("\n") for table in ("shm", "sem", "msg")],
        "keys": read("/proc/keys"),
        "sockets": sockets(),
        "environment": dict(os.environ),
        "descriptors": sorted(os.listdir("/proc/self/fd"), key=int),
        "pipes": [fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) for fd in (0, 1, 2)],
        "pipe flags": [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (0, 1, 2)],
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in limits},
        "nice": [os.nice(0), os.sched_getscheduler(0), sorted(os.sched_getaffinity(0))],
        "oom": read("/proc/self/oom_score_adj").strip(),
        "timers": [signal.getitimer(which) for which in (0, 1, 2)] + [read("/proc/self/timers")],
        "slack": read("/proc/self/timerslack_ns").strip(),
        "personality": read("/proc/self/personality").strip(),
        "cwd": os.getcwd(),
        "session": [os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid()],
        "status": status(),
        "users": len({*os.getresuid(), *os.getresgid()}),
        "input": sys.stdin.read(),
        "interpreter": interpreter(),
        "secrets": memory_holds_the_secret(),
    }
    print(json.dumps(found))


main()
