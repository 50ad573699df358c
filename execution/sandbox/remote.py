"""A sandbox whose work is done by an agent at the other end of a stream.

What all such sandboxes share is here: the conversation, and what happens when the agent goes. Where agents come from
and how one is done away with is for the subclasses.

A run can end its sandbox and be judged nevertheless. A program may see to it that the kernel, out of memory, kills
the agent before the program; and what it leaves behind may defy cleaning. Both leave a report and a sandbox that
nobody may use again. So it is replaced under the lease: the next run finds a new one with the same files.
"""

import abc
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from execution.sandbox.interface import Exceeded, Limits, RunReport, SandboxBroken, SandboxUnavailable
from execution.sandbox.wire import Frame, Stream, StreamEnded
from runner_image.artifacts import Names, TooMuch
from runner_image.frames import FrameError, Header, encode, whole

START_SECONDS = 30.0  # from the agent's start to its first word
ANSWER_SECONDS = 10.0  # for a request that runs no program
GRACE_SECONDS = 10.0  # beyond a run's wall limit: to kill, clean and report
PING_SECONDS = 2.0
_INPUT_BYTES = 256 * 1024
_MAX_FIGURE = (1 << 31) - 1  # what the database keeps of milliseconds and KiB


class RemoteSandbox(abc.ABC):
    """A Sandbox (see interface.py) that talks to an agent."""

    def __init__(self, image: str, memory_mb: int, grace_seconds: float = GRACE_SECONDS) -> None:
        self.image, self.memory_mb = image, memory_mb
        self._grace_seconds = grace_seconds
        self._stream: Stream | None = None
        self._files: Mapping[str, bytes] = {}
        self._executable = False

    # -- For subclasses ----------------------------------------------------------------------------------------------
    @abc.abstractmethod
    def _begin(self) -> Stream:
        """Make an agent; the stream to it. Raises SandboxError."""

    @abc.abstractmethod
    def _end(self) -> None:
        """Do away with the agent and all that it runs, whatever state it is in. Never raises SandboxError."""

    @abc.abstractmethod
    def _ran_out_of_memory(self) -> bool:
        """Whether the agent, just found gone, was killed because the sandbox's memory was used up."""

    @abc.abstractmethod
    def cut_off(self) -> None:
        """End the agent under whoever is using it: they find the stream ended. Never raises SandboxError."""

    # -- Life --------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Make the agent and wait until it is ready. Raises SandboxError."""
        try:
            self._stream = self._begin()
            first = self._stream.receive(time.monotonic() + START_SECONDS)
        except BaseException:
            self.destroy()
            raise
        if first.op != "ready":
            self.destroy()
            raise SandboxUnavailable(f"the sandbox's agent refuses to start: {first.header.get('reason')}")

    def ping(self) -> None:
        """Prove that the agent is alive, and let it know that we are. Raises SandboxBroken."""
        if not self._live().silent():
            raise SandboxBroken("the agent spoke unasked, or is gone")
        self._ask({"op": "ping"}, "pong", PING_SECONDS)

    def reset(self) -> None:
        """Make it as it was before its lease. Raises SandboxBroken."""
        self._files = {}
        answer = self._ask({"op": "reset"}, "reset", ANSWER_SECONDS)
        if (unclean := answer.header.get("unclean")) is not None:
            raise SandboxBroken(f"the sandbox cannot be cleaned: {unclean}")

    def destroy(self) -> None:
        """End it, for good. May be called again. Never raises SandboxError."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        self._end()

    # -- Sandbox -----------------------------------------------------------------------------------------------------
    def load(self, files: Mapping[str, bytes], *, executable: bool = False) -> None:
        if self._stream is None:
            self.start()
        entries: list[Header] = [{"name": name, "size": len(content)} for name, content in files.items()]
        request: Header = {"op": "load", "files": entries, "executable": executable}
        self._ask(request, "loaded", ANSWER_SECONDS, b"".join(files.values()))
        self._files, self._executable = dict(files), executable

    def run(self, argv: Sequence[str], stdin: bytes | Path, limits: Limits) -> RunReport:
        if self._stream is None:
            self.load(self._files, executable=self._executable)
        start = time.monotonic()
        try:
            report, unclean = self._converse(argv, stdin, limits)
        except StreamEnded:
            if not self._ran_out_of_memory():
                raise
            report, unclean = self._memory_report(limits, time.monotonic() - start), True
        if unclean:
            self.destroy()
        return report

    # ----------------------------------------------------------------------------------------------------------------
    def _live(self) -> Stream:
        if self._stream is None:
            raise SandboxBroken("the sandbox's agent is gone")
        return self._stream

    def _ask(self, header: Header, answer: str, seconds: float, body: bytes = b"") -> Frame:
        stream, deadline = self._live(), time.monotonic() + seconds
        stream.send(header, deadline, body)
        frame = stream.receive(deadline)
        if frame.op != answer:
            raise SandboxBroken(f"the agent answered {header['op']!r} with {frame.op!r}")
        return frame

    def _converse(self, argv: Sequence[str], stdin: bytes | Path, limits: Limits) -> tuple[RunReport, bool]:
        """One run: the report, and whether the sandbox is unclean after it."""
        stream = self._live()
        deadline = time.monotonic() + limits.wall_ms / 1000 + self._grace_seconds
        received = _Received(limits)
        source = Input(stdin)
        with closing(source.frames()) as frames:
            rest = chain([encode(_request(argv, limits))], frames)
            while received.take(frame := stream.receive(deadline, rest)):
                if time.monotonic() > deadline:  # `receive` finds frames in time that come without a pause
                    raise SandboxBroken("the agent missed its deadline")
            report = _report(frame, received, limits)
            source.stop()
            stream.finish(rest, deadline)
        return report, frame.header.get("unclean") is not None

    def _memory_report(self, limits: Limits, seconds: float) -> RunReport:
        """What can be said of a run whose agent went with it: the figures are bounds, not measures."""
        wall_ms = round(seconds * 1000)
        return RunReport(
            exit_code=None,
            signal=9,
            cpu_ms=min(wall_ms, limits.cpu_ms),
            wall_ms=wall_ms,
            memory_kb=self.memory_mb * 1024 if limits.memory_kb is None else limits.memory_kb,
            stdout=b"",
            stderr=b"",
            exceeded=Exceeded.MEMORY,
        )


class _Received:
    """What has come of a run's output and artifacts, within its limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.stdout = bytearray()
        self._artifacts: dict[str, bytearray] = {}
        self._names = Names()

    @property
    def artifacts(self) -> dict[str, bytes]:
        return {name: bytes(content) for name, content in self._artifacts.items()}

    def take(self, frame: Frame) -> bool:
        """Whether the frame was one of them. Raises SandboxBroken for more than was allowed."""
        match frame.op:
            case "stdout":
                self.stdout += frame.body
            case "artifact":
                self._artifact(frame.header.get("name")).extend(frame.body)
            case _:
                return False
        size = sum(len(content) for content in self._artifacts.values())
        if len(self.stdout) > self._limits.output_bytes or size > self._limits.artifact_bytes:
            raise SandboxBroken("the agent sent more than allowed")
        return True

    def _artifact(self, name: object) -> bytearray:
        """What has come of the file of this name: a relative path that stays below the directory it is used in."""
        if not isinstance(name, str):
            raise SandboxBroken("the agent sent an artifact without a name")
        if name in self._artifacts:
            return self._artifacts[name]
        if {"", ".", ".."} & set(name.split("/")):
            raise SandboxBroken(f"the agent sent an artifact that could lead elsewhere: {name!r:.300}")
        try:
            self._names.add(name)
        except TooMuch as error:
            raise SandboxBroken("the agent sent an artifact that cannot be") from error
        return self._artifacts.setdefault(name, bytearray())


class Input:
    """A program's input as frames: content, or a file that is read as it is sent. An empty frame ends it."""

    def __init__(self, content: bytes | Path) -> None:
        self._content = content
        self._stopped = False

    def stop(self) -> None:
        """End it after the frame that has been begun."""
        self._stopped = True

    def frames(self) -> Generator[bytes | memoryview, None, None]:
        """Raises OSError where the file cannot be read."""
        for piece in self._pieces():
            if self._stopped:
                break
            yield encode({"op": "input"}, len(piece))
            yield piece
        yield encode({"op": "input"})

    def _pieces(self) -> Iterator[bytes | memoryview]:
        if isinstance(self._content, bytes):
            view = memoryview(self._content)
            yield from (view[start : start + _INPUT_BYTES] for start in range(0, len(view), _INPUT_BYTES))
        else:
            with self._content.open("rb") as file:
                while piece := file.read(_INPUT_BYTES):
                    yield piece


def _request(argv: Sequence[str], limits: Limits) -> Header:
    return {
        "op": "run",
        "argv": list(argv),
        "cpu_ms": limits.cpu_ms,
        "wall_ms": limits.wall_ms,
        "memory_kb": limits.memory_kb,
        "output_bytes": limits.output_bytes,
        "stderr_bytes": limits.stderr_bytes,
        "artifact_bytes": limits.artifact_bytes,
    }


def _report(frame: Frame, received: _Received, limits: Limits) -> RunReport:
    """The agent's report, believed only where it makes sense. Raises SandboxBroken."""
    header = frame.header
    try:
        if frame.op != "report":
            raise FrameError(f"expected a report, not {frame.op!r:.40}")
        exit_code, signal = (header.get(key) for key in ("exit_code", "signal"))
        exceeded = header.get("exceeded")
        if (exit_code is None) is (signal is None) or signal == 0 or len(frame.body) > limits.stderr_bytes:
            raise FrameError("a report that cannot be")
        return RunReport(
            exit_code=None if exit_code is None else whole(header, "exit_code", 255),
            signal=None if signal is None else whole(header, "signal", 64),
            cpu_ms=round(whole(header, "cpu_us", _MAX_FIGURE * 1000) / 1000),
            wall_ms=round(whole(header, "wall_us", _MAX_FIGURE * 1000) / 1000),
            memory_kb=whole(header, "memory_kb", _MAX_FIGURE),
            stdout=bytes(received.stdout),
            stderr=frame.body,
            exceeded=None if exceeded is None else Exceeded(str(exceeded)),
            artifacts=received.artifacts if exceeded is None else {},
        )
    except ValueError as error:
        raise SandboxBroken(f"the agent's report is garbled: {error}") from error
