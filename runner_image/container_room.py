"""The room a program runs in: one container, seen from inside by its PID 1.

The agent keeps two capabilities, SETUID and SETGID, and does all it must do to the program's processes and files
*as the program's own user*, U: U may signal its processes, and open, change and unlink its files, also those in
directories of mode 000, which a root without DAC_OVERRIDE may not enter. For that the agent takes U as its real and
effective user and keeps 0 as its saved one, to come back by.

* While the real user is U, the program may signal the agent; as PID 1 it is spared whatever has no handler. So the
  agent has no handlers. The same rule spares it from its own kill(-1), which reaches all of U's processes in one call,
  however fast they fork. (The real user must change too: it is what tells U's processes from root's.)
* Files are found through directory descriptors opened when the container starts (see wipe.py).
* U is this container's alone, as the kernel counts some resources per user on the whole host.

Programs are started by two small processes that are root's, like the agent: native/starter.c executes commands, and
where the image has a fork server for Python (fork_server/sitecustomize.py), that runs `python3 main.py`.
"""

import _socket
import contextlib
import os
import signal
import stat
import sys
from collections.abc import Iterator, Sequence

from runner_image import artifacts
from runner_image.refusal import Refusal
from runner_image.room import Room, limit_resources, make_pipes
from runner_image.starter import Starter
from runner_image.wipe import empty, open_directory

_BOX = "/box"  # root's, so that the program can't change what is in it
_HOME = "/tmp"  # noqa: S108 - a tmpfs of the container's own
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": _HOME, "TMPDIR": _HOME, "LC_ALL": "C.UTF-8"}
_OUT = "/out"  # where there is one, a compiler leaves its program there
_STARTER = "/opt/verdict/starter"
_FORK_SERVER = "/opt/fork_server"
_FORK_SERVED = ["python3", "main.py"]
_CAPABILITIES = 1 << 6 | 1 << 7  # SETGID, SETUID
_NOT_FOR_FILES = {"proc", "sysfs", "cgroup", "cgroup2", "devpts"}
_IPC_TABLES = ("/proc/sysvipc/shm", "/proc/sysvipc/sem", "/proc/sysvipc/msg")


class ContainerRoom(Room):
    """Raises Refusal if the container isn't as it must be."""

    def __init__(self, uid: int) -> None:
        if not 1000 <= uid < 65534:
            raise Refusal(f"the program's user must be from 1000 to 65533, not {uid}")
        self._uid = uid
        _check_privileges()
        os.setgroups([])
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # What the starters' programs inherit by them:
        os.chdir(_BOX)
        os.umask(0o022)
        limit_resources()
        super().__init__(_BOX, _ENVIRONMENT)
        self._starter = Starter([_STARTER, str(uid)], _ENVIRONMENT)
        self._fork_server = _start_fork_server(uid) if os.path.exists(_FORK_SERVER) else None
        ours = [self._starter] + ([self._fork_server] if self._fork_server else [])
        self._ours = {"1", *(str(starter.pid) for starter in ours)}
        self._mounts = [Mount(path) for path in self._writable_mounts()]
        self._out = next((mount.fd for mount in self._mounts if mount.path == _OUT), None)
        self._tables = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in _IPC_TABLES if os.path.exists(path)]
        if problem := self.leftovers():
            raise Refusal(f"the container isn't clean: {problem}")

    # -- A program's start -------------------------------------------------------------------------------------------
    def pipes(self) -> list[tuple[int, int]]:
        os.setresuid(-1, self._uid, -1)
        try:
            return make_pipes()
        finally:
            os.setresuid(-1, 0, -1)

    def start(self, argv: list[str], streams: Sequence[int]) -> tuple[int, int]:
        return self._starter_of(argv).start(argv, streams)

    def _starter_of(self, argv: list[str]) -> Starter:
        """The fork server, for what it was started for: unless a file would hide a module that it has loaded."""
        if self._fork_server is None or argv != _FORK_SERVED:
            return self._starter
        hides = any(name.partition("/")[0].partition(".")[0] in sys.stdlib_module_names for name in self.files)
        return self._starter if hides else self._fork_server

    # -- Its end -----------------------------------------------------------------------------------------------------
    def kill(self) -> None:
        self._become_program()
        try:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it has none (any more)
                os.kill(-1, signal.SIGKILL)
        finally:
            self._become_root()

    def collect(self, max_bytes: int) -> Iterator[tuple[str, bytes]]:
        if self._out is not None:
            self._become_program()
            try:
                yield from artifacts.read(self._out, max_bytes)
            finally:
                self._become_root()

    def wipe(self) -> None:
        _collect_sockets()
        used = [mount for mount in self._mounts if os.listdir(mount.fd)]
        if not used:
            return
        self._become_program()
        try:
            for mount in used:
                empty(mount.fd)
        finally:
            self._become_root()

    def processes(self) -> list[int]:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and name not in self._ours]

    def leftovers(self) -> str | None:
        if processes := self.processes():
            return f"processes {processes[:5]}"
        for mount in self._mounts:
            if problem := mount.leftovers():
                return problem
        if any(os.pread(table, 4096, 0).count(b"\n") != 1 for table in self._tables):
            return "System V IPC objects"
        return None

    # ----------------------------------------------------------------------------------------------------------------
    def _become_program(self) -> None:
        os.setresgid(self._uid, self._uid, 0)
        os.setresuid(self._uid, self._uid, 0)

    def _become_root(self) -> None:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)

    def _writable_mounts(self) -> list[str]:
        """Mount points where the program's user may create files."""
        self._become_program()
        try:
            writable = [mount for mount in read_write_mounts() if os.access(mount[0], os.W_OK, effective_ids=True)]
        finally:
            self._become_root()
        directories = [(path, kind) for path, kind in writable if not stat.S_ISCHR(os.stat(path).st_mode)]
        for path, kind in directories:  # (the engine hides some files of /proc behind /dev/null)
            if kind not in {"tmpfs", "mqueue"}:
                raise Refusal(f"the program could write to {path}, a file system of type {kind}")
        return [path for path, _ in directories]


class Mount:
    """A file system that the program may write to; it was empty when the container started."""

    def __init__(self, path: str) -> None:
        self.path, self.fd = path, open_directory(path)
        self._free_inodes = os.fstatvfs(self.fd).f_ffree

    def leftovers(self) -> str | None:
        """What is left in it: also files that have no name any more, but something still holds."""
        if names := os.listdir(self.fd):
            return f"{len(names)} files in {self.path}"
        if held := self._free_inodes - os.fstatvfs(self.fd).f_ffree:
            return f"{held} unnamed files in {self.path}"
        return None


def _start_fork_server(uid: int) -> Starter:
    own = {"PYTHONPATH": _FORK_SERVER, "VERDICT_FORK_SERVER": f"3 {uid}"}
    return Starter(_FORK_SERVED, _ENVIRONMENT | own)


def _collect_sockets() -> None:
    """Make the kernel look for sockets that only messages in one another's queues hold, with files in them, too.

    It looks whenever some socket is closed; without this, what a program hid there would outlive it until then.
    """
    for end in _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM):
        end.close()


def _check_privileges() -> None:
    """What the container's flags promise, as seen from inside."""
    if os.getpid() != 1 or os.getuid() != 0:
        raise Refusal("the agent must be PID 1 and root of its container")
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    if int(status["CapBnd"], 16) != _CAPABILITIES:
        raise Refusal(f"capabilities must be SETUID and SETGID alone, not {status['CapBnd']}")
    if status["NoNewPrivs"] != "1":
        raise Refusal("no-new-privileges isn't set")
    if status["Seccomp"] != "2":
        raise Refusal("there is no seccomp filter")
    if any(path == "/" for path, _ in read_write_mounts()):
        raise Refusal("the root file system isn't read-only")


def read_write_mounts() -> list[tuple[str, str]]:
    """Mount point and type of every file system mounted read-write that can hold files."""
    mounts = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            left, right = line.split(" - ", 1)
            path, options = left.split(" ")[4:6]
            kind = right.split(" ", 1)[0]
            if "rw" in options.split(",") and kind not in _NOT_FOR_FILES:
                mounts.append((path, kind))
    return mounts
