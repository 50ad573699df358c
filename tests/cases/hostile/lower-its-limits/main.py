import ctypes
import os
import resource
import signal

libc = ctypes.CDLL(None)
os.umask(0o777)
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
for option, value in {1: 9, 15: b"agent", 29: 10**9, 4: 0, 8: 1, 36: 1, 41: 1, 38: 1, 33: 1}.items():
    libc.prctl(option, value, 0, 0, 0)  # death signal, name, slack, dumpable, keepcaps, subreaper, THP, …
for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
    signal.setitimer(timer, 0.001, 0.001)
for name in (name for name in dir(resource) if name.startswith("RLIMIT_")):
    resource.setrlimit(getattr(resource, name), (0, 0))
for number in range(1, 65):
    try:
        os.kill(os.getpid(), number)
    except OSError:
        pass
