"""Starting a program, and knowing when it and all it started are gone."""

import os
import time

from runner_image.room import Room

_GONE_SECONDS = 5.0  # how long killed processes may take to disappear; under load they took up to 0.25


class Program:
    """A running program: its process, its ends of three pipes, and what it costs to reap it and its orphans."""

    def __init__(self, room: Room, argv: list[str]) -> None:
        (stdin, self.stdin), (self.stdout, stdout), (self.stderr, stderr) = room.pipes()
        try:
            self.pid, self.setup_ns = room.start(argv, (stdin, stdout, stderr))
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

    def reap(self) -> None:
        """Take in what has ended. The agent inherits every orphan."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.max_rss_kb = max(self.max_rss_kb, usage.ru_maxrss)
            if pid == self.pid:
                self.status = status

    def end(self, room: Room) -> bool:
        """Kill and reap it with all its descendants; whether all went."""
        deadline = time.monotonic() + _GONE_SECONDS
        while True:
            room.kill()
            self.reap()
            if not room.processes():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.0005)

    def close(self) -> None:
        os.close(self.pidfd)
