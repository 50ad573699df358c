"""Waits for the end of the process in charge, and cleans up if it couldn't.

The process in charge keeps one end of a pipe; the guard reads the other. However that process ends, SIGKILL included,
the kernel closes its end. The guard inherits the home's lock too, so nobody can start anew while it is at work. Where
all went well it is ended before it ever wakes up.
"""

import os
import signal

from launcher.cleanup import clean_up
from launcher.console import Console
from launcher.home import Home


def keep_guard(home: Home, lifeline: int) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.read(lifeline, 1)
    Console().log("guard", "script/up is gone; stopping what it started")
    clean_up(home)
    return 0
