"""Starting a program, and knowing when it and all it started are gone."""

import os
import signal
import time

from runner_image.room import Room

_GONE_SECONDS = 5.0  # how long killed processes may take to disappear; under load they took up to 0.25


class StartError(Exception):
    """The program could not be started: the platform's fault."""


class Program:
    """A running program: its process, its ends of three pipes, and what it costs to reap it and its orphans."""

    def __init__(self, room: Room, argv: list[str]) -> None:
        (stdin, self.stdin), (self.stdout, stdout), (self.stderr, stderr) = room.pipes()
        try:
            self.pid, self.setup_ns = _start(room, argv, (stdin, stdout, stderr))
        except BaseException:
            for fd in (self.stdin, self.stdout, self.stderr):
                os.close(fd)
            raise
        finally:
            for fd in (stdin, stdout, stderr):
                os.close(fd)
        self.pidfd = os.pidfd_open(self.pid)
        self.status: int | None = None
        self.max_rss_kb = 0

    def reap(self) -> bool:
        """Take in what has ended; False once there is nothing left to wait for. The agent inherits every orphan."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            self.max_rss_kb = max(self.max_rss_kb, usage.ru_maxrss)
            if pid == self.pid:
                self.status = status

    def end(self, room: Room) -> bool:
        """Kill and reap it with all its descendants; whether all went."""
        deadline = time.monotonic() + _GONE_SECONDS
        room.kill()
        while self.reap():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.0005)
            room.kill()
        return True

    def close(self) -> None:
        os.close(self.pidfd)


def _start(room: Room, argv: list[str], stdio: tuple[int, int, int]) -> tuple[int, int]:
    """Fork and exec; the pid, and the CPU time spent before exec: nanoseconds. Raises StartError."""
    reader, writer = os.pipe2(os.O_CLOEXEC)
    try:
        pid = os.fork()
        if pid == 0:
            _child(room, argv, stdio, writer)
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


def _child(room: Room, argv: list[str], stdio: tuple[int, int, int], told: int) -> None:
    """Become the program. Never returns; tells what went wrong through the pipe that exec would close."""
    try:
        for number, fd in enumerate(stdio):
            os.dup2(fd, number)
        os.chdir(room.box)
        os.umask(0o022)
        room.enter()
        for ignored in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
            signal.signal(ignored, signal.SIG_DFL)
        os.write(told, b"%d\n" % time.process_time_ns())
        os.execvpe(argv[0], argv, room.environment)  # noqa: S606 - it is what we are for
    except BaseException as error:  # whatever it is, it must not run the agent's code twice
        os.write(told, f"\n{error}".encode())
    finally:
        os._exit(127)
