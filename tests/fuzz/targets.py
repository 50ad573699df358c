"""What is fuzzed: each target takes the bytes that one side sends, and lets only the other side's own errors pass.

The first byte of what the fuzzer makes up says how the rest is meant. A fuzzer that changes bytes seldom gets lengths
right; so half of the time it writes headers and bodies in turn, each ended by a zero byte, which are framed for it.
"""

import os
import struct
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import zip_longest

from execution.sandbox.interface import Limits, SandboxError
from execution.sandbox.remote import RemoteSandbox
from execution.sandbox.wire import Demultiplexer, Stream
from runner_image.agent import Agent, Unclean
from runner_image.channel import Channel, HostGone
from runner_image.frames import FrameError
from runner_image.meter import Meter
from runner_image.refusal import StartError
from runner_image.room import Room, make_pipes
from runner_image.streams import Feed
from tests.fuzz.sound import check_name, check_report

MAX_BYTES = 8 * 1024  # of one example: framed, it still fits into a pipe
FRAMED, OTHER_WAY = 1, 2  # bits of an example's first byte
Target = Callable[[bytes], None]

_LIMITS = Limits(cpu_ms=1000, wall_ms=1000, memory_kb=None, output_bytes=100, stderr_bytes=50, artifact_bytes=100)


def stream_of(example: bytes) -> bytes:
    """The bytes that are sent."""
    content = example[1:]
    if not example or not example[0] & FRAMED:
        return content
    pieces = content.split(b"\0")
    return b"".join(
        struct.pack(">II", len(header), len(body)) + header + body
        for header, body in zip_longest(pieces[::2], pieces[1::2], fillvalue=b"")
    )


def host(example: bytes) -> None:
    """The host, when these bytes are all that the agent ever says."""
    stream, multiplexed = stream_of(example), bool(example and example[0] & OTHER_WAY)
    if multiplexed and example[0] & FRAMED:
        stream = struct.pack(">BxxxI", 1, len(stream)) + stream
    sandbox = _Talked(stream, Demultiplexer() if multiplexed else None)
    with suppress(SandboxError):
        try:
            sandbox.start()
            sandbox.load({"main.py": b"code"})
            check_report(sandbox.run(["python3", "main.py"], b"input", _LIMITS), _LIMITS)
            sandbox.reset()
        finally:
            sandbox.destroy()


def agent(example: bytes) -> None:
    """The agent, when these bytes are all that the host ever says: requests, or a running program's input."""
    with _pipe(stream_of(example)) as reader, open(os.devnull, "wb") as answers:
        channel = Channel(reader, answers.fileno())
        if example and example[0] & OTHER_WAY:
            _feed(channel)
            return
        with suppress(HostGone, FrameError, Unclean, StartError, OSError):
            Agent(channel, _ROOM, _NoMeter()).serve()


TARGETS: dict[str, Target] = {"host": host, "agent": agent}


def _feed(channel: Channel) -> None:
    drain, stdin = os.pipe()
    feed = Feed(channel, stdin)
    try:
        with suppress(HostGone, FrameError):
            feed.move()
            feed.finish()
    finally:
        os.close(drain)
        with suppress(OSError):  # the feed closes it, unless it was interrupted
            os.close(stdin)


@contextmanager
def _pipe(content: bytes) -> Iterator[int]:
    reader, writer = os.pipe()
    try:
        os.write(writer, content)
        os.close(writer)
        yield reader
    finally:
        os.close(reader)


class _Talked(RemoteSandbox):
    """One whose agent has said all it says, and hears nothing."""

    def __init__(self, stream: bytes, demultiplexer: Demultiplexer | None) -> None:
        super().__init__("python3", 128)
        self._said, self._demultiplexer = stream, demultiplexer

    def _begin(self) -> Stream:
        reader, writer = os.pipe()
        os.write(writer, self._said)
        os.close(writer)
        nobody = os.open(os.devnull, os.O_WRONLY)

        def close() -> None:
            os.close(reader)
            os.close(nobody)

        return Stream(reader, nobody, close, self._demultiplexer)

    def _end(self) -> None: ...

    def _ran_out_of_memory(self) -> bool:
        return False

    def cut_off(self) -> None: ...


class _EmptyRoom(Room):
    """Nothing is written and nothing runs here; what is asked for is looked at."""

    def pipes(self) -> list[tuple[int, int]]:
        return make_pipes()

    def start(self, argv: list[str], streams: Sequence[int]) -> tuple[int, int]:
        assert argv
        assert all(isinstance(word, str) and "\0" not in word for word in argv)
        "".join(argv).encode()  # a program can be given it
        raise StartError("nothing runs here")

    def create(self, name: str, mode: int) -> int:
        check_name(name)
        return os.open(os.devnull, os.O_WRONLY)

    def processes(self) -> list[int]:
        return []

    def kill(self) -> None: ...

    def wipe(self) -> None: ...

    def leftovers(self) -> str | None:
        return None


class _NoMeter(Meter):
    def cpu_ns(self) -> int:
        return 0

    def memory_bytes(self) -> int:
        return 0

    def oom_kills(self) -> int:
        return 0


_DIRECTORY = tempfile.TemporaryDirectory(prefix="verdict-fuzz-room-")
_ROOM = _EmptyRoom(_DIRECTORY.name, {})
