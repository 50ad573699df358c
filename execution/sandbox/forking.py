"""Starting a program by fork and exec from the agent itself, where its starters (runner_image) are not to be had."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from runner_image.refusal import StartError


def start(
    argv: list[str], streams: Sequence[int], directory: str, environment: Mapping[str, str], enter: Callable[[], None]
) -> tuple[int, int]:
    """The pid, and the CPU time spent before exec: nanoseconds. `enter` is called in the child. Raises StartError."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    try:
        pid = os.fork()
        if pid == 0:
            _child(argv, streams, directory, environment, enter, writer)
    except OSError as error:
        os.close(reader)
        raise StartError(f"fork: {error.strerror}") from error
    finally:
        os.close(writer)
    with open(reader, "rb") as file:
        told = file.read()  # until exec closes the other end
    setup, _, problem = told.decode(errors="replace").partition("\n")
    if problem:
        raise StartError(f"{argv[0]}: {problem.strip()}")
    return pid, int(setup or 0)


def _child(
    argv: list[str],
    streams: Sequence[int],
    directory: str,
    environment: Mapping[str, str],
    enter: Callable[[], None],
    told: int,
) -> None:
    """Become the program. Never returns; tells what went wrong before exec through the pipe that exec would close."""
    try:
        for number, fd in enumerate(streams):
            os.dup2(fd, number)
        os.chdir(directory)
        os.umask(0o022)
        enter()
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
            signal.signal(ignored, signal.SIG_DFL)
        os.write(told, b"%d\n" % time.process_time_ns())
        _execute(argv, environment)
    except BaseException as error:  # whatever it is, it must not run the agent's code twice
        os.write(told, f"\n{error}".encode())
    finally:
        os._exit(127)


def _execute(argv: list[str], environment: Mapping[str, str]) -> None:
    """As native/starter.c: where there is no such program, say so in its place."""
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - it is what we are for
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        os._exit(127)
