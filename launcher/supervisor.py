"""Runs the services and passes on what they say.

One thread, one loop (`turn`): it reads the services' output, notices those that ended, and starts them again with a
growing delay. Everything that waits, waits in that loop. One thread also makes the death signal reliable: the kernel
sends it when the *thread* that started a process ends.

Every service gets a session of its own, so that Ctrl-C in the terminal reaches us alone and services end in order.
"""

import ctypes
import math
import os
import selectors
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import IO, cast

from launcher import processes
from launcher.console import Console, Failure
from launcher.home import ROOT, Home

PR_SET_PDEATHSIG = 1
LONGEST_DELAY = 30.0
STEADY_SECONDS = 60.0
LONGEST_LINE = 64 * 1024
_libc = ctypes.CDLL(None)


class Interrupted(Exception):
    """Ctrl-C, SIGTERM or SIGHUP, or nobody reads our output any more: stop everything in order."""


class Hurried(Exception):
    """The same again, while stopping: stop everything at once."""


@dataclass(frozen=True, slots=True)
class Service:
    """A program to keep running. Its output goes to the console under its name, or to the file `log`.

    `keeps_children`: what it started outlives it by design and is taken over by its successor (Docker's daemons).
    `outlives_us`: gets no death signal (the guard).
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    pass_fds: tuple[int, ...] = ()
    keeps_children: bool = False
    outlives_us: bool = False


@dataclass(slots=True)
class Running:
    service: Service
    popen: "subprocess.Popen[bytes]"
    since: float
    failures: int = 0
    again_at: float | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A program that ends by itself; `said` grows as it talks."""

    name: str
    popen: "subprocess.Popen[bytes]"
    said: list[str]
    show: bool


@dataclass(slots=True)
class Output:
    """What one process says, cut into lines."""

    name: str
    take: Callable[[str, str], None]
    rest: bytes = b""

    def feed(self, chunk: bytes) -> None:
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        if len(self.rest) > LONGEST_LINE or not chunk:
            lines, self.rest = [*lines, self.rest], b""
        for line in lines:
            if text := line.decode(errors="replace").rstrip():
                self.take(self.name, text)


class Supervisor:
    def __init__(self, home: Home, console: Console, env: Mapping[str, str]) -> None:
        self.home = home
        self.console = console
        self.env = dict(env)
        self.restarts = False  # until everything is up, a service that ends is a failure of the start
        self._running: dict[str, Running] = {}
        self._selector = selectors.DefaultSelector()
        self._requests = 0  # how often we were asked to stop,
        self._heeded: float = 0  # and how many of these requests we are acting on
        self._stopping = False
        signals = _catch_signals(self._request)
        self._selector.register(signals, selectors.EVENT_READ, lambda _: signals.recv(1024))

    def start(self, service: Service) -> None:
        self._running[service.name] = Running(service, self._spawn(service), monotonic())

    def run(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None, show: bool = True) -> str:
        """Run a program to its end, and return what it said. Raises Failure when it fails."""
        return self.finish(self.begin(name, argv, env, show))

    def begin(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None, show: bool = True) -> Job:
        """Start a program that will end by itself. With `show` its lines appear as they come."""
        said: list[str] = []

        def take(_: str, line: str) -> None:
            said.append(line)
            if show:
                self.console.say(f"  {line}")

        width = {"COLUMNS": str(shutil.get_terminal_size((120, 24)).columns - 2)}
        return Job(name, self._spawn(Service("job", argv, width | dict(env or {})), take), said, show)

    def finish(self, job: Job) -> str:
        """Wait for its end, and return what it said. Raises Failure, with its last words, when it fails."""
        while job.popen.poll() is None or self._reads(job.popen):
            self.turn()
        if job.popen.returncode:
            last = "" if job.show else "".join(f"\n  {line}" for line in job.said[-30:])
            raise Failure(f"{job.name} failed ({_how(job.popen.returncode)}).{last}")
        return "\n".join(job.said)

    def wait(self, ready: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
        """Go on until `ready`; after `seconds` raises Failure with what `otherwise` says."""
        until = monotonic() + seconds
        while not ready():
            if monotonic() > until:
                raise Failure(otherwise())
            self.turn()

    def forever(self) -> None:
        """Go on until interrupted."""
        while True:
            self.turn(1.0)

    def turn(self, seconds: float = 0.05) -> None:
        """Pass on what was said, and look after what ended. Raises Interrupted, and Failure during the start."""
        for key, _ in self._selector.select(seconds):
            key.data(key)
        for running in list(self._running.values()):
            self._look_after(running)
        if self._requests > self._heeded:
            raise Hurried if self._stopping else Interrupted
        if self.console.gone and not self._stopping:
            raise Interrupted

    def close(self) -> None:
        """Let go of what was said and not read, and of the signals' wake-up call."""
        os.close(signal.set_wakeup_fd(-1))
        for key in list(self._selector.get_map().values()):
            cast(IO[bytes], key.fileobj).close()
        self._selector.close()

    def drop(self, *names: str) -> None:
        """Stop services that turned out to be of no use."""
        for name in names:
            self._running.pop(name, None)
        processes.stop(partial(processes.in_roles, self.home.instance, names), 2, self.turn)

    def stopping(self) -> None:
        """From now on nothing is restarted, and a further interruption raises Hurried."""
        self._stopping = True
        self._heeded = max(1, self._requests)

    def hurrying(self) -> None:
        """From now on interruptions change nothing any more."""
        self._heeded = math.inf

    def _look_after(self, running: Running) -> None:
        if running.again_at is not None:
            if monotonic() >= running.again_at and not self._stopping:
                running.again_at, running.since = None, monotonic()
                running.popen = self._spawn(running.service)
        elif running.popen.poll() is not None and not self._stopping:
            self._ended(running)

    def _ended(self, running: Running) -> None:
        name, how = running.service.name, _how(running.popen.returncode)
        if not self.restarts:
            where = f"see {running.service.log}" if running.service.log else "its last lines above say why"
            raise Failure(f"{name} ended ({how}); {where}.")
        if not running.service.keeps_children:
            processes.send(signal.SIGKILL, processes.in_roles(self.home.instance, [name]))
        running.failures = 0 if monotonic() - running.since > STEADY_SECONDS else running.failures + 1
        delay = min(LONGEST_DELAY, 2.0 ** max(0, running.failures - 1))
        running.again_at = monotonic() + delay
        self.console.log(name, f"ended ({how}); starting it again in {delay:.0f} s")

    def _spawn(self, service: Service, take: Callable[[str, str], None] | None = None) -> "subprocess.Popen[bytes]":
        env = {**self.env, **service.env, **processes.mark(self.home.instance, service.name)}
        log = service.log.open("ab") if service.log else None
        try:
            popen = subprocess.Popen(
                service.argv,
                env=env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log or subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=service.pass_fds,
                preexec_fn=None if service.outlives_us else die_with_parent(),  # noqa: PLW1509 - one thread
            )
        except FileNotFoundError:
            raise Failure(f"{service.argv[0]} can't be started: there is no such program.") from None
        finally:
            if log:
                log.close()
        if popen.stdout:
            self._listen(popen.stdout, Output(service.name, take or self.console.log))
        return popen

    def _listen(self, pipe: IO[bytes], output: Output) -> None:
        def read(_: selectors.SelectorKey) -> None:
            chunk = os.read(pipe.fileno(), LONGEST_LINE)
            output.feed(chunk)
            if not chunk:
                self._selector.unregister(pipe)
                pipe.close()

        self._selector.register(pipe, selectors.EVENT_READ, read)

    def _reads(self, popen: "subprocess.Popen[bytes]") -> bool:
        return popen.stdout is not None and not popen.stdout.closed

    def _request(self) -> None:
        self._requests += 1


def die_with_parent() -> Callable[[], None]:
    """For `preexec_fn`, in a process of one thread: the child gets SIGTERM when we end, and ends if we have already."""
    parent = os.getpid()

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _catch_signals(request: Callable[[], None]) -> socket.socket:
    """Let SIGINT, SIGTERM and SIGHUP call `request`, and write to the socket whose other end is returned."""
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)

    def handle(number: int, frame: FrameType | None) -> None:
        request()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)
    return reader


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
