"""The host's end of the stream to an agent.

Everything has a deadline (a time.monotonic value), and nothing that comes in is trusted: what breaks the rules of
the protocol, comes too late or ends too early raises SandboxBroken. A stream is one thread's at a time.
"""

import os
import select
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from execution.sandbox.interface import SandboxBroken
from runner_image.frames import FrameError, Header, HeaderReader, encode

_RECEIVE_BYTES = 256 * 1024
_SEND_BYTES = 64 * 1024  # gathered before they are written, at least
Source = Iterator[bytes | memoryview]  # what is to be sent, piece by piece
_NOTHING: Source = iter(())
_WORDS_KEPT = 4096  # of what the agent itself says on its standard error: its last words


class StreamEnded(SandboxBroken):
    """The agent is gone: it exited, or was killed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A header, which names its `op`, and the body."""

    header: Header
    body: bytes

    @property
    def op(self) -> object:
        return self.header.get("op")


class FrameParser:
    """Bytes in, frames out. Bodies are at most `max_body` bytes long."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._buffer = bytearray()
        self._reader = HeaderReader()
        self._header: Header | None = None

    @property
    def empty(self) -> bool:
        """Whether all that was fed has been taken out."""
        return not self._buffer and self._header is None

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Frame | None:
        """The next frame that is complete. Raises SandboxBroken."""
        while self._header is None:
            if not self._buffer:
                return None
            size = self._reader.missing
            try:
                self._header = self._reader.feed(bytes(self._buffer[:size]))
            except FrameError as error:
                raise SandboxBroken(f"the agent's stream is garbled: {error}") from error
            del self._buffer[:size]
        length = self._reader.body_length
        if length > self._max_body:
            raise SandboxBroken(f"the agent sent a body of {length} bytes")
        if len(self._buffer) < length:
            return None
        with memoryview(self._buffer) as view:
            frame = Frame(self._header, bytes(view[:length]))
        del self._buffer[:length]
        self._header = None
        return frame


class Demultiplexer:
    """Takes apart the engine's stream of a container without a terminal: its output (1) and its errors (2).

    Each piece has 8 bytes before it: the number of the stream, three zeros, and its length, big-endian (Docker Engine
    API, "Attach to a container: stream format").
    """

    _HEAD = struct.Struct(">BxxxI")

    def __init__(self) -> None:
        self._head = bytearray()
        self._number = 0
        self._left = 0
        self.words = b""

    def feed(self, data: bytes) -> bytes:
        """The part of `data` that is output. Raises SandboxBroken."""
        output = bytearray()
        view = memoryview(data)
        while view:
            if self._left == 0:
                view = self._take_head(view)
                continue
            piece, view = view[: self._left], view[self._left :]
            self._left -= len(piece)
            if self._number == 1:
                output += piece
            else:
                self.words = (self.words + bytes(piece))[-_WORDS_KEPT:]
        return bytes(output)

    def _take_head(self, view: memoryview) -> memoryview:
        missing = self._HEAD.size - len(self._head)
        self._head += view[:missing]
        if len(self._head) == self._HEAD.size:
            self._number, self._left = self._HEAD.unpack(self._head)
            self._head.clear()
            if self._number not in {1, 2}:
                raise SandboxBroken(f"the engine's stream is garbled: a piece of stream {self._number}")
        return view[missing:]


@dataclass(slots=True)
class Stream:
    """Frames over two descriptors (of a socket: twice the same one). `close` closes them."""

    reader: int
    writer: int
    close: Callable[[], None]
    demultiplexer: Demultiplexer | None = None
    _parser: FrameParser = field(default_factory=lambda: FrameParser(max_body=2 * 1024 * 1024))
    _unsent: memoryview = field(default_factory=lambda: memoryview(b""))

    def __post_init__(self) -> None:
        os.set_blocking(self.reader, False)
        os.set_blocking(self.writer, False)

    def send(self, header: Header, deadline: float, body: bytes = b"") -> None:
        """Send a frame. Raises SandboxBroken."""
        self.finish(iter([encode(header, len(body)), body]), deadline)

    def finish(self, source: Source, deadline: float) -> None:
        """Send all that `source` still has. Raises SandboxBroken."""
        while self._next_to_send(source):
            self._wait(self.writer, select.POLLOUT, deadline)
            self._write()

    def receive(self, deadline: float, source: Source = _NOTHING) -> Frame:
        """The next frame from the agent; meanwhile sends from `source` what it takes. Raises SandboxBroken."""
        while (frame := self._parser.next()) is None:
            sending = self._next_to_send(source)
            events = self._poll(sending, deadline)
            if events.get(self.reader, 0) & ~select.POLLOUT:
                self._read()
            if sending and events.get(self.writer, 0) & select.POLLOUT:
                self._write()
        return frame

    def silent(self) -> bool:
        """Whether there is nothing to read: as it must be while the agent has nothing to answer."""
        return self._parser.empty and not _ready(self.reader, select.POLLIN, 0.0)

    def last_words(self) -> str:
        """What the agent said last on its standard error."""
        return self.demultiplexer.words.decode(errors="replace").strip() if self.demultiplexer else ""

    def _next_to_send(self, source: Source) -> bool:
        """Whether there is something to send: small pieces together, as each write wakes the engine and the agent."""
        if not self._unsent:
            together = bytearray()
            for piece in source:
                together += piece
                if len(together) >= _SEND_BYTES:
                    break
            self._unsent = memoryview(together)
        return bool(self._unsent)

    def _poll(self, sending: bool, deadline: float) -> dict[int, int]:
        poll = select.poll()
        poll.register(self.reader, select.POLLIN)
        if sending:
            both = select.POLLIN | select.POLLOUT if self.writer == self.reader else select.POLLOUT
            poll.register(self.writer, both)
        events = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not events:
            raise SandboxBroken("the agent missed its deadline")
        return dict(events)

    def _wait(self, fd: int, event: int, deadline: float) -> None:
        if not _ready(fd, event, deadline - time.monotonic()):
            raise SandboxBroken("the agent missed its deadline")

    def _read(self) -> None:
        try:
            data = os.read(self.reader, _RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise StreamEnded(f"the agent's stream broke: {error}") from error
        if not data:
            raise StreamEnded(f"the agent is gone. {self.last_words()}".strip())
        self._parser.feed(self.demultiplexer.feed(data) if self.demultiplexer else data)

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self.writer, self._unsent) :]
        except BlockingIOError:
            return
        except OSError as error:
            raise StreamEnded(f"the agent's stream broke: {error}") from error


def _ready(fd: int, event: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(fd, event)
    return bool(poll.poll(max(0.0, seconds) * 1000))
