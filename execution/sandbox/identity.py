"""Names a process so that others on its machine can tell later whether it is still alive.

A name is "<boot>-<pid namespace>-<pid>-<start>": the first two say where its pid means anything, and `start` (clock
ticks since boot) tells it from a later process of the same pid.
"""

import os
from pathlib import Path

_PROC = Path("/proc")
_NOBODY = "unknown"  # where /proc does not say enough
_GONE = {"Z", "X"}  # states of a process that holds nothing any more


def own() -> str:
    """This process's name."""
    place, start = _place(), _start(os.getpid())
    return f"{place}-{os.getpid()}-{start}" if place and start else _NOBODY


def is_gone(name: str) -> bool:
    """Whether that process is known to be dead: false where it lives, or lived elsewhere, or the name says nothing."""
    place, _, process = name.rpartition("-")[0].rpartition("-")
    start = name.rpartition("-")[2]
    return bool(place) and place == _place() and process.isdecimal() and _start(int(process)) != start


def _place() -> str:
    """Where this process's pid means anything; "" if that can't be told."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}-{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _start(pid: int) -> str:
    """When the process was started; "" if there is none."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in _GONE else fields[19]
