"""What the container's own cgroup says about it: CPU time, memory, OOM kills. Versions 1 and 2.

Both are read-only inside, so that nothing can be reset: each figure is a difference. wait4 isn't enough for any of
them: it misses the children of a program that ignores SIGCHLD, and memory that several processes hold at once.

Memory is what can't be given back: usage less the page cache of files, but with tmpfs, which is the program's own.
Without that, the program that runs first would be charged for reading its interpreter from disk.
"""

import os
import time

from runner_image.meter import Meter
from runner_image.refusal import Refusal

ROOT = "/sys/fs/cgroup"
_ABOUT_SWAP = {"memory.swap.max", "memory/memory.memsw.limit_in_bytes"}


class Keys:
    """Where the versions differ: names of the fields. `cpu` is None where the file is one number of nanoseconds."""

    def __init__(self, cpu: bytes | None, cache: bytes, tmpfs: bytes) -> None:
        self.cpu, self.cache, self.tmpfs = cpu, cache, tmpfs


class Cgroup(Meter):
    """Readings of the cgroup, from files opened once. Cheap: a few µs for CPU, some tens for memory."""

    def __init__(self, cpu: str, usage: str, stat: str, events: str, keys: Keys) -> None:
        self._cpu, self._usage = _open(cpu), _open(usage)
        self._stat, self._events = _open(stat), _open(events)
        self._keys = keys
        self._check()

    def _check(self) -> None:
        """Every measure must be readable now: a run must not find out that one isn't."""
        try:
            self.cpu_ns(), self.memory_bytes(), self.oom_kills()
        except (OSError, ValueError, KeyError) as error:
            raise Refusal(f"the cgroup doesn't tell what is needed to judge: {error!r}") from error

    def cpu_ns(self) -> int:
        text = os.pread(self._cpu, 4096, 0)
        total = int(text) if self._keys.cpu is None else _field(text, self._keys.cpu) * 1000
        return total - time.process_time_ns()

    def memory_bytes(self) -> int:
        stat = os.pread(self._stat, 8192, 0)
        cache = _field(stat, self._keys.cache) - _field(stat, self._keys.tmpfs)
        return int(os.pread(self._usage, 64, 0)) - cache

    def oom_kills(self) -> int:
        return _field(os.pread(self._events, 4096, 0), b"oom_kill")


def find(root: str = ROOT) -> Cgroup:
    """The container's cgroup, of whichever version is mounted. Raises Refusal."""
    if os.path.exists(f"{root}/cgroup.controllers"):
        return Cgroup(
            f"{root}/cpu.stat",
            f"{root}/memory.current",
            f"{root}/memory.stat",
            f"{root}/memory.events",
            Keys(cpu=b"usage_usec", cache=b"file", tmpfs=b"shmem"),
        )
    return Cgroup(
        f"{root}/cpuacct/cpuacct.usage",
        f"{root}/memory/memory.usage_in_bytes",
        f"{root}/memory/memory.stat",
        f"{root}/memory/memory.oom_control",
        Keys(cpu=None, cache=b"cache", tmpfs=b"shmem"),
    )


def check_limits(memory_bytes: int, cpu_quota_us: int, processes: int, root: str = ROOT) -> None:
    """Raises Refusal where a limit doesn't hold: an engine without the controller only warns and goes on."""
    if os.path.exists(f"{root}/cgroup.controllers"):
        wanted = {
            "memory.max": f"{memory_bytes}",
            "memory.swap.max": "0",
            "cpu.max": f"{cpu_quota_us} 100000",
            "pids.max": f"{processes}",
        }
    else:
        wanted = {
            "memory/memory.limit_in_bytes": f"{memory_bytes}",
            "memory/memory.memsw.limit_in_bytes": f"{memory_bytes}",
            "cpu/cpu.cfs_quota_us": f"{cpu_quota_us}",
            "cpu/cpu.cfs_period_us": "100000",
            "pids/pids.max": f"{processes}",
        }
    for name, value in wanted.items():
        found = _text(f"{root}/{name}")
        if found != value and not (found is None and name in _ABOUT_SWAP and not _swap()):
            raise Refusal(f"the limit {name} is {found}, not {value}: the engine doesn't enforce it")


def _swap() -> bool:
    """Whether the machine has any. Without, nothing need be accounted."""
    lines = _text("/proc/swaps")
    return lines is None or len(lines.splitlines()) > 1


def _text(path: str) -> str | None:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror}; is the memory controller on?") from error


def _field(text: bytes, name: bytes) -> int:
    """The number on the line that starts with `name`. Raises KeyError, ValueError."""
    start = text.find(b"\n" + name + b" ") + 1
    if start == 0 and not text.startswith(name + b" "):
        raise KeyError(name.decode())
    return int(text[start + len(name) + 1 :].split(b"\n", 1)[0])
