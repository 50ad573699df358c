"""What the agent does to a program's surroundings: the files it is given, its rights, its end."""

import abc
import contextlib
import fcntl
import os
import resource
from collections.abc import Iterator, Sequence

from runner_image.wipe import empty, open_directory

_STACK_BYTES = 64 * 1024 * 1024
_OPEN_FILES = 1024
_FILE_BYTES = 256 * 1024 * 1024
_PIPE_BYTES = 1024 * 1024


class Room(abc.ABC):
    """Where a program runs. `box` is the directory of the submission's files, in which it starts."""

    def __init__(self, box: str, environment: dict[str, str]) -> None:
        self.box, self.environment = box, environment
        self.files: set[str] = set()  # names of what is in the box
        self._box = open_directory(box)

    @abc.abstractmethod
    def pipes(self) -> list[tuple[int, int]]:
        """Three pipes for the program, which may open /dev/stdin and its like."""

    @abc.abstractmethod
    def start(self, argv: list[str], streams: Sequence[int]) -> tuple[int, int]:
        """Start a program that has given up every right, for good; it is our child.

        Its pid, and the CPU time that starting it took: nanoseconds. Raises StartError.
        """

    @abc.abstractmethod
    def processes(self) -> list[int]:
        """Every process of the program's there still is, also those that are to be reaped."""

    @abc.abstractmethod
    def kill(self) -> None:
        """Kill every process that the program started. They are the caller's to reap."""

    def collect(self, max_bytes: int) -> Iterator[tuple[str, bytes]]:
        """What the program left for us, name by name and piece by piece: nothing where there is no place for it.

        No process of its may be alive. Raises TooMuch where there is more than `max_bytes` of it, or it is odd.
        """
        return iter(())

    @abc.abstractmethod
    def wipe(self) -> None:
        """Remove all files that the program left. No process of its may be alive."""

    @abc.abstractmethod
    def leftovers(self) -> str | None:
        """What is left of a program, in words; None if nothing is."""

    def create(self, name: str, mode: int) -> int:
        """A new file in the box; its descriptor. Raises OSError."""
        self.files.add(name)
        parts = name.split("/")
        directory = os.dup(self._box)
        try:
            for part in parts[:-1]:
                directory = _enter_directory(directory, part)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            return os.open(parts[-1], flags, mode, dir_fd=directory)
        finally:
            os.close(directory)

    def clear_box(self) -> None:
        """Remove the submission's files."""
        empty(self._box)
        self.files.clear()


def make_pipes() -> list[tuple[int, int]]:
    """Pipes for a program's input, output and errors. The first two hold what a tick of the agent's may miss."""
    pipes = [os.pipe2(os.O_CLOEXEC) for _ in range(3)]
    for pipe in pipes[:2]:
        with contextlib.suppress(OSError):  # the host may allow less: slower, no more
            fcntl.fcntl(pipe[0], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return pipes


def limit_resources() -> None:
    """The limits that each process of a program has to itself."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, _FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    soft = _STACK_BYTES if hard == resource.RLIM_INFINITY else min(_STACK_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_STACK, (soft, hard))


def write_file(path: str, data: bytes) -> None:
    """Write to a file of /proc. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)


def _enter_directory(parent: int, name: str) -> int:
    """Open `name` below `parent`, making it if need be; closes `parent`."""
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o755, dir_fd=parent)
        return open_directory(name, parent)
    finally:
        os.close(parent)
