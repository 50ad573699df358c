"""Which processes are ours, and how they end.

Every service starts with `VERDICT_SERVICE=<instance>/<role>` in its environment, and whatever it starts inherits that.
So the kernel itself (/proc/PID/environ) says which processes belong to an instance: nothing has to be written down, a
recycled pid is never taken for ours, and grandchildren whose parents are gone are found as well.
"""

import os
import signal
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

MARK = "VERDICT_SERVICE"
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A live process; `start` (clock ticks since boot) tells it from a later one of the same pid."""

    pid: int
    start: int
    parent: int
    role: str


def mark(instance: str, role: str) -> dict[str, str]:
    """The environment variable that makes a process, and all it starts, ours."""
    return {MARK: f"{instance}/{role}"}


def marked(instance: str) -> list[Process]:
    """The instance's live processes, but for the caller's own. Zombies, which hold nothing, don't count."""
    prefix = f"{MARK}={instance}/".encode()
    roles = {pid: _role(pid, prefix) for pid in _pids() if pid != os.getpid()}
    found = (_process(pid, role) for pid, role in roles.items() if role is not None)
    return [process for process in found if process]


def in_roles(instance: str, roles: Collection[str]) -> list[Process]:
    return [process for process in marked(instance) if process.role in roles]


def start_of(pid: int) -> int | None:
    """When a live process began (clock ticks since boot); None where there is none, or only a zombie."""
    fields = _stat(pid)
    return int(fields[19]) if _lives(fields) else None


def stop(members: Callable[[], Collection[Process]], grace: float, pause: Callable[[], None]) -> None:
    """Ask the eldest of `members` to end, and kill what is left after `grace` seconds.

    Only the eldest are asked: they know how to end their own children. A child whose parent left it is asked in its
    turn. `pause` is called between two looks.
    """
    asked: set[tuple[int, int]] = set()
    until = monotonic() + grace
    while (there := members()) and monotonic() < until:
        pids = {process.pid for process in there}
        eldest = {process for process in there if process.parent not in pids}
        send(signal.SIGTERM, (process for process in eldest if (process.pid, process.start) not in asked))
        asked |= {(process.pid, process.start) for process in eldest}
        pause()
    kill(members, pause)


def kill(members: Callable[[], Collection[Process]], pause: Callable[[], None]) -> None:
    """Kill `members`, and what they start meanwhile; goes on without those that won't go within a second."""
    until = monotonic() + 1
    while (there := members()) and monotonic() < until:
        send(signal.SIGKILL, there)
        pause()


def send(number: signal.Signals, processes: Iterable[Process]) -> None:
    """Signal those of `processes` that are still the same as when they were found."""
    for process in processes:
        if start_of(process.pid) == process.start:
            try:
                os.kill(process.pid, number)
            except ProcessLookupError:
                continue


def of_containers(identifiers: Sequence[str]) -> list[Process]:
    """The processes inside of containers, by the container's id in their cgroup's path."""
    inside = (pid for pid in _pids() if any(identifier in _cgroup(pid) for identifier in identifiers))
    return [process for pid in inside if (process := _process(pid, "container"))]


def _role(pid: int, prefix: bytes) -> str | None:
    """What follows `prefix` in the process's environment."""
    entries = _read(pid, "environ").split(b"\0")
    return next((entry[len(prefix) :].decode(errors="replace") for entry in entries if entry.startswith(prefix)), None)


def _process(pid: int, role: str) -> Process | None:
    fields = _stat(pid)
    return Process(pid, int(fields[19]), int(fields[1]), role) if _lives(fields) else None


def _lives(fields: list[str]) -> bool:
    return bool(fields) and fields[0] not in "ZX"


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal()]


def _cgroup(pid: int) -> str:
    return _read(pid, "cgroup").decode(errors="replace")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third, the state, on: the name before may itself hold blanks and ")"."""
    return _read(pid, "stat").decode(errors="replace").rpartition(")")[2].split()


def _read(pid: int, name: str) -> bytes:
    try:
        return (PROC / str(pid) / name).read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return b""
