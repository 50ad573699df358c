"""The agent's end of the stream to the host: its standard input and output.

Nothing here may wait for ever. A host that is gone ends the stream, which poll reports as POLLHUP; but a Docker
daemon that was killed leaves it open, with nobody at the other end. So every wait has an end, and what follows
when it is reached is `HostGone`: the agent exits, and its container with it.
"""

import os
import select
import time

from runner_image.frames import Header, HeaderReader, encode

IDLE_SECONDS = 60  # the host lets an idle agent hear from it well within this
STALL_SECONDS = 60  # how long the host may leave us waiting in the middle of something
CHUNK = 64 * 1024


class HostGone(Exception):
    """Nobody is at the other end any more."""


class Channel:
    """Frames from the host, frames to the host. `reader` and `writer` are made non-blocking."""

    def __init__(self, reader: int, writer: int) -> None:
        self.reader, self.writer = reader, writer
        self._header = HeaderReader()
        self._held = b""
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)

    @property
    def body_length(self) -> int:
        """Length of the body of the header last returned."""
        return self._header.body_length

    def receive(self, timeout: float) -> Header:
        """The next frame's header; its body is still in the stream. Raises HostGone, FrameError."""
        deadline = time.monotonic() + timeout
        while (header := self.header()) is None:
            await_event(self.reader, select.POLLIN, deadline)
        return header

    def header(self) -> Header | None:
        """The next frame's header if it is there already. Raises HostGone, FrameError."""
        header = None
        while header is None:
            data = self._read(self._header.missing)
            if data is None:
                return None
            header = self._header.feed(data)
        return header

    def copy_body(self, length: int, sink: int | None = None) -> None:
        """Read `length` bytes of the body into the file `sink`, or into nothing. Raises HostGone, OSError."""
        deadline = time.monotonic() + STALL_SECONDS
        while length:
            await_event(self.reader, select.POLLIN, deadline)
            data = self._read(min(length, CHUNK)) or b""
            length -= len(data)
            while sink is not None and data:
                data = data[os.write(sink, data) :]

    def hold(self, data: bytes | memoryview) -> None:
        """Send this with the next frame, before it."""
        self._held = bytes(data)

    def send(self, header: Header, body: bytes = b"") -> None:
        """Send one whole frame. Raises HostGone."""
        left, self._held = memoryview(b"".join((self._held, encode(header, len(body)), body))), b""
        deadline = time.monotonic() + STALL_SECONDS
        while left:
            await_event(self.writer, select.POLLOUT, deadline)
            left = left[self.write(left) :]

    def write(self, data: bytes | memoryview) -> int:
        """Write what the stream takes at once; how much that was. Raises HostGone."""
        try:
            return os.write(self.writer, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise HostGone(f"writing: {error}") from error

    def _read(self, length: int) -> bytes | None:
        try:
            data = os.read(self.reader, length)
        except BlockingIOError:
            return None
        except OSError as error:
            raise HostGone(f"reading: {error}") from error
        if not data:
            raise HostGone("the stream ended")
        return data


def await_event(fd: int, event: int, deadline: float) -> None:
    """Wait until poll reports something of `fd`. Raises HostGone at the deadline (time.monotonic)."""
    poll = select.poll()
    poll.register(fd, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise HostGone("nothing moved for too long")
