"""One run of a program: from its start until nothing of it is left."""

import os
import select
import time

from runner_image.artifacts import TooMuch
from runner_image.channel import Channel
from runner_image.frames import FrameError, Header, is_word, whole
from runner_image.meter import Meter
from runner_image.program import Program
from runner_image.room import Room
from runner_image.streams import ErrorOutput, Events, Feed, Output, Watched

_TICK = 0.005  # seconds between two looks at the limits
_SHORTEST_TICK = 0.001
_MAX_MS = 24 * 3600 * 1000
_MAX_BYTES = 1 << 40
# The kernel frees some things (files in sockets nobody holds any more) a moment after the process is gone.
_LOOKS_FOR_LEFTOVERS = 20
_LEFTOVERS_PAUSE = 0.01
_MAX_HELD = 4 << 20  # bytes; honest programs leave some 100 KB


class Limits:
    """Limits of a run as the host states them. Raises FrameError."""

    def __init__(self, header: Header) -> None:
        self.cpu_ns = whole(header, "cpu_ms", _MAX_MS) * 1_000_000
        self.wall_ns = whole(header, "wall_ms", _MAX_MS) * 1_000_000
        self.output_bytes = whole(header, "output_bytes", _MAX_BYTES)
        self.stderr_bytes = whole(header, "stderr_bytes", 1 << 20)
        self.artifact_bytes = whole(header, "artifact_bytes", _MAX_BYTES)
        self.memory_bytes = None if header.get("memory_kb") is None else whole(header, "memory_kb", 1 << 40) * 1024


class Usage:
    """What the program has used since its start."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._memory, self._kills = meter.memory_bytes(), meter.oom_kills()
        self._cpu = meter.cpu_ns()
        self._start = 0
        self.peak_bytes = 0

    def start(self, setup_ns: int) -> None:
        """It runs now; getting there took `setup_ns` of CPU time."""
        self._cpu += setup_ns
        self._start = time.monotonic_ns()

    def cpu_ns(self) -> int:
        return max(0, self._meter.cpu_ns() - self._cpu)

    def wall_ns(self) -> int:
        return time.monotonic_ns() - self._start

    def sample_memory(self) -> int:
        now = self._meter.memory_bytes() - self._memory
        self.peak_bytes = max(self.peak_bytes, now)
        return now

    def oom_kills(self) -> int:
        return self._meter.oom_kills() - self._kills


class Run:
    """Runs a program and watches it."""

    def __init__(self, channel: Channel, room: Room, meter: Meter, header: Header) -> None:
        self._channel, self._room, self._meter, self._limits = channel, room, meter, Limits(header)
        self._usage = Usage(meter)
        self._program = Program(room, _argv(header))
        self._usage.start(self._program.setup_ns)
        limits, program = self._limits, self._program
        self._feed = Feed(channel, program.stdin)
        self._output = Output(channel, program.stdout, limits.output_bytes)
        bound = max(limits.output_bytes, limits.stderr_bytes)
        self._errors = ErrorOutput(program.stderr, limits.stderr_bytes, bound)
        self._exceeded: str | None = None
        self._cpu_ns = self._wall_ns = 0

    def watch(self) -> None:
        """Until the program ends or exceeds a limit. Raises HostGone, FrameError."""
        next_look = time.monotonic() + self._tick(self._limits.cpu_ns, self._limits.wall_ns)
        self._feed.move()
        while True:
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + self._look()
            if self._exceeded:
                return
            events = self._poll(next_look - time.monotonic())
            if self._program.pidfd in events:
                return
            for stream in (self._feed, self._output, self._errors):
                stream.serve(events)
            if self._output.exceeded or self._errors.exceeded:
                self._exceeded = "output"

    def end(self) -> str | None:
        """Kill what is left, send on output and artifacts, clean up; what could not be cleaned, in words."""
        self._wall_ns = self._usage.wall_ns()
        self._usage.sample_memory()
        gone = self._program.end(self._room)
        self._cpu_ns = self._usage.cpu_ns()
        self._output.finish()
        self._errors.finish()
        self._program.close()
        if not gone:
            return "processes that cannot be killed"
        if self._limits.artifact_bytes and self._program.status == 0:
            self._collect()
        return clean(self._room, self._meter)

    def report(self) -> Header:
        """The run in figures."""
        status = self._program.status
        code = None if status is None else os.waitstatus_to_exitcode(status)
        peak = max(self._usage.peak_bytes, self._program.max_rss_kb * 1024)
        return {
            "op": "report",
            "exit_code": code if code is not None and code >= 0 else None,
            "signal": -code if code is not None and code < 0 else None,
            "cpu_us": self._cpu_ns // 1000,
            "wall_us": self._wall_ns // 1000,
            "memory_kb": peak // 1024,
            "exceeded": self._verdict(peak),
        }

    def stderr(self) -> bytes:
        """What it printed first on its standard error."""
        return bytes(self._errors.kept)

    def drain(self) -> None:
        """Take the rest of the input from the stream. Raises HostGone, FrameError."""
        self._feed.finish()

    def _collect(self) -> None:
        """Send what the program left. Its size is another kind of output."""
        try:
            for name, piece in self._room.collect(self._limits.artifact_bytes):
                self._channel.send({"op": "artifact", "name": name}, piece)
        except (TooMuch, OSError):
            self._exceeded = "output"

    def _look(self) -> float:
        """Look at the limits; seconds until the next look."""
        limits, usage = self._limits, self._usage
        self._output.eager = self._errors.eager = True
        self._program.reap()
        cpu_left, wall_left = limits.cpu_ns - usage.cpu_ns(), limits.wall_ns - usage.wall_ns()
        memory = usage.sample_memory()
        if limits.memory_bytes is not None and memory > limits.memory_bytes:
            self._exceeded = "memory"
        elif cpu_left < 0:
            self._exceeded = "cpu"
        elif wall_left < 0:
            self._exceeded = "wall"
        return self._tick(cpu_left, wall_left)

    def _tick(self, cpu_left: int, wall_left: int) -> float:
        """How long one may look away, with so many nanoseconds left: seconds."""
        return max(_SHORTEST_TICK, min(_TICK, cpu_left / 2e9, wall_left / 1e9))

    def _poll(self, seconds: float) -> Events:
        watched: Watched = [(self._program.pidfd, select.POLLIN)]
        for stream in (self._feed, self._output, self._errors):
            watched += stream.watched()
        poll = select.poll()
        for fd, mask in watched:
            poll.register(fd, mask)
        return dict(poll.poll(max(0.0, seconds) * 1000))

    def _verdict(self, peak_bytes: int) -> str | None:
        """The limit that was exceeded. Memory first: who loses a process to the kernel may well hang after that."""
        limit = self._limits.memory_bytes
        if self._usage.oom_kills() or (limit is not None and peak_bytes > limit):
            return "memory"
        if self._output.exceeded or self._errors.exceeded:
            return "output"
        if self._cpu_ns > self._limits.cpu_ns:
            return "cpu"
        return self._exceeded


def clean(room: Room, meter: Meter) -> str | None:
    """Wipe the room; what is left nevertheless, in words."""
    try:
        room.wipe()
        for _ in range(_LOOKS_FOR_LEFTOVERS):
            problem = room.leftovers() or _held(meter)
            if problem is None:
                return None
            time.sleep(_LEFTOVERS_PAUSE)
    except OSError as error:
        return f"cleaning failed: {error}"
    return problem


def _held(meter: Meter) -> str | None:
    """The kernel keeps what a program made it look up. The next one would pay for its going, and hide in its place."""
    held = meter.memory_bytes() - meter.rest_bytes
    return f"{held >> 20} MB of the kernel's memory" if held > _MAX_HELD else None


def _argv(header: Header) -> list[str]:
    argv = header.get("argv")
    if not isinstance(argv, list) or not argv or not all(map(is_word, argv)):
        raise FrameError("argv must be a list of at least one text")
    return argv
