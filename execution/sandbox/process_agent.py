"""The agent of SANDBOX=process: it judges with plain child processes, where there is no engine to make containers.

    python -m execution.sandbox.process_agent DIRECTORY UID

It is the containers' agent in other surroundings: one directory of its own, and no cgroup. **This is no sandbox for
programs of people you don't trust**: they can read what UID can read and talk to what it can talk to. What it does:

* Started by root it becomes UID, for good; UID is 0 where it may stay who it is.
* It kills only its own descendants. As it is the "subreaper" of all of them, none can leave the family.
* It wipes only its own directory.
* Where the kernel lets anybody make a user namespace, the program gets one, with a network that leads nowhere.
* Measures are sums over the family: CPU time from each process's own clock, memory as sampled. Nothing holds a
  program at its memory limit; it is killed when it is found beyond it.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence

from execution.sandbox import forking
from runner_image import agent
from runner_image.channel import HostGone
from runner_image.meter import Meter
from runner_image.room import Room, limit_resources, make_pipes, write_file
from runner_image.wipe import empty, open_directory

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_PROCESSES = 64
_PAGE = resource.getpagesize()
_libc = ctypes.CDLL(None, use_errno=True)


class ProcessRoom(Room):
    """A directory with `box` for the submission's files and `tmp` for the program's."""

    def __init__(self, directory: str, own_user: bool) -> None:
        self._own_user = own_user
        self._tmp_path = os.path.join(directory, "tmp")
        path = f"{os.path.dirname(os.path.realpath(sys.executable))}:/usr/local/bin:/usr/bin:/bin"
        temporary = {"HOME": self._tmp_path, "TMPDIR": self._tmp_path}
        super().__init__(f"{directory}/box", {"PATH": path, "LC_ALL": "C.UTF-8"} | temporary)
        self._tmp = open_directory(self._tmp_path)
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)

    def pipes(self) -> list[tuple[int, int]]:
        return make_pipes()

    def start(self, argv: list[str], streams: Sequence[int]) -> tuple[int, int]:
        return forking.start(argv, streams, self.box, self.environment, self._enter)

    def _enter(self) -> None:
        """In the child: give up every right."""
        _prctl(_PR_SET_DUMPABLE, 1)  # else what follows is root's, if the agent was
        write_file("/proc/self/oom_score_adj", b"1000")
        os.nice(19)
        limit_resources()
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))  # as in container.py
        os.setsid()
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if _unshare() or self._own_user:  # else the limit would count the user's other processes, too
            resource.setrlimit(resource.RLIMIT_NPROC, (_PROCESSES, _PROCESSES))
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def processes(self) -> list[int]:
        return descendants()

    def kill(self) -> None:
        for pid in descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def wipe(self) -> None:
        empty(self._tmp)

    def leftovers(self) -> str | None:
        if pids := descendants():
            return f"processes {pids[:5]}"
        if names := os.listdir(self._tmp):
            return f"{len(names)} files in {self._tmp_path}"
        return None


class FamilyMeter(Meter):
    """Sums over the agent's descendants."""

    def cpu_ns(self) -> int:
        reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
        total = round((reaped.ru_utime + reaped.ru_stime) * 1e9)
        for pid in descendants():
            with contextlib.suppress(OSError):  # it has just ended
                total += time.clock_gettime_ns(_cpu_clock(pid))
        return total

    def memory_bytes(self) -> int:
        total = 0
        for pid in descendants():
            with contextlib.suppress(OSError), open(f"/proc/{pid}/statm", "rb") as file:
                total += int(file.read().split()[1]) * _PAGE
        return total

    def oom_kills(self) -> int:
        return 0  # nobody counts them for us


def descendants() -> list[int]:
    """Our children, their children and so on."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (parent := _parent(name)) is not None:
            children.setdefault(parent, []).append(int(name))
    found = children.get(os.getpid(), [])
    for pid in found:  # grows meanwhile
        found += children.get(pid, [])
    return found


def _parent(pid: str) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:  # it has just ended
        return None


def _cpu_clock(pid: int) -> int:
    """The number of another process's CPU clock: what clock_getcpuclockid(3) answers."""
    return (~pid << 3) | 2


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _unshare() -> bool:
    """A user namespace of its own, and in it a network and System V IPC, if the kernel allows it."""
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) != 0:
        return False
    with contextlib.suppress(OSError):
        for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            write_file(f"/proc/self/{name}", line.encode())
    return True


def _leave(*_: object) -> None:
    raise HostGone("told to end")


def _drop_rights(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def main() -> None:
    directory, uid = sys.argv[1], int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    if uid:
        _drop_rights(uid)
    room = ProcessRoom(directory, own_user=uid != 0)
    try:
        agent.serve(lambda: (room, FamilyMeter()))
    finally:
        room.kill()
        room.wipe()


if __name__ == "__main__":
    main()
