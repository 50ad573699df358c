"""The three streams of a running program, between its pipes and the host.

Input passes from pipe to pipe inside the kernel (splice), and the program takes it at its own pace. Output is read and
sent on piece by piece. So the agent never holds much of either, whatever their size.

A program that flushes every line would wake the agent for each, and the agent the engine and the host: a stream whose
last look found little is left alone until the next tick, and little output waits for more, or for the report. So the
pipe fills meanwhile, and the program isn't slowed down by being watched.
"""

import os
import select
import time

from runner_image.channel import CHUNK, STALL_SECONDS, Channel, HostGone, await_event
from runner_image.frames import FrameError, encode

Watched = list[tuple[int, int]]  # descriptors, and the poll events awaited of them
Events = dict[int, int]

_WORTH_WAKING_FOR = 16 * 1024  # bytes: with as much as this at a time, a stream is looked at whenever it has some
_READ_BYTES = 256 * 1024  # at a time
_ROUNDS = 16  # splices in a row before limits are looked at again


class Feed:
    """The program's input: the host's "input" frames, the last of which is empty."""

    def __init__(self, channel: Channel, stdin: int) -> None:
        self._channel = channel
        self._stdin: int | None = stdin
        os.set_blocking(stdin, False)
        self._left = 0  # bytes of the current frame's body not moved yet
        self._ended = False
        self._source_ready = False

    def watched(self) -> Watched:
        """The host's stream always, for its end; of the two ends of the way only the one that we must wait for."""
        if self._stdin is None or self._ended:
            return [(self._channel.reader, 0)]
        if self._source_ready:
            return [(self._channel.reader, 0), (self._stdin, select.POLLOUT)]
        return [(self._channel.reader, select.POLLIN)]

    def serve(self, events: Events) -> None:
        """Move what can be moved. Raises HostGone, FrameError."""
        seen = events.get(self._channel.reader, 0)
        if seen & (select.POLLHUP | select.POLLERR):
            raise HostGone("the stream ended during a run")
        if seen & select.POLLIN:
            self._source_ready = True
        if self._stdin is not None and (seen := events.get(self._stdin, 0)):
            if seen & select.POLLERR:  # the program closed its end
                self._close()
            else:
                self.move()

    def finish(self) -> None:
        """After the run: throw away the input that the program didn't take. Raises HostGone, FrameError."""
        self._close()
        while not self._ended:
            self._channel.copy_body(self._left)
            self._left = self._next_frame(self._channel.receive(STALL_SECONDS))

    def move(self) -> None:
        """Move what is there now. Raises HostGone, FrameError."""
        for _ in range(_ROUNDS):
            if not self._left:
                header = self._channel.header()
                if header is None:
                    self._source_ready = False
                    return
                self._left = self._next_frame(header)
                if self._ended:
                    self._close()
                    return
            if not self._splice():
                return

    def _splice(self) -> bool:
        """Whether anything moved."""
        assert self._stdin is not None
        try:
            moved = os.splice(self._channel.reader, self._stdin, self._left, flags=os.SPLICE_F_NONBLOCK)
        except BlockingIOError:  # one of the ends isn't ready; begin anew with the first
            self._source_ready = False
            return False
        except BrokenPipeError:
            self._close()
            return False
        if moved == 0:
            raise HostGone("the stream ended in a program's input")
        self._left -= moved
        return True

    def _next_frame(self, header: dict[str, object]) -> int:
        if header.get("op") != "input":
            raise FrameError(f"expected a program's input, not {header.get('op')!r:.40}")
        self._ended = self._channel.body_length == 0
        return self._channel.body_length

    def _close(self) -> None:
        if self._stdin is not None:
            os.close(self._stdin)
            self._stdin = None


class Output:
    """The program's standard output, sent on in frames of what can be read at once, up to `limit` bytes in all.

    It is read, not spliced: a program can make its end of the pipe such that the kernel's count of what waits there is
    no promise that a frame's header could give.
    """

    def __init__(self, channel: Channel, stdout: int, limit: int) -> None:
        self._channel, self._stdout, self._room = channel, stdout, limit
        os.set_blocking(stdout, False)
        self._unsent = memoryview(b"")
        self._closed = False
        self.eager = False
        self.exceeded = False

    def watched(self) -> Watched:
        if self._is_worth_sending():
            return [(self._channel.writer, select.POLLOUT)]
        return [(self._stdout, select.POLLIN)] if self.eager and not self._closed else []

    def serve(self, events: Events) -> None:
        """Move what can be moved. Raises HostGone."""
        if events.get(self._stdout, 0):
            self._read()
        elif not events.get(self._channel.writer, 0):
            return
        if self._is_worth_sending():
            self._send()

    def finish(self) -> None:
        """After the run, when nobody writes any more: send on what the pipe still holds. Raises HostGone.

        The channel keeps a little of it back for its next frame.
        """
        while self._is_worth_sending() or (not self.exceeded and self._read()):
            if self._is_worth_sending():
                await_event(self._channel.writer, select.POLLOUT, time.monotonic() + STALL_SECONDS)
                self._send()
        self._channel.hold(self._unsent)
        os.close(self._stdout)

    def _is_worth_sending(self) -> bool:
        return len(self._unsent) >= _WORTH_WAKING_FOR

    def _send(self) -> None:
        self._unsent = self._unsent[self._channel.write(self._unsent) :]

    def _read(self) -> bool:
        """Whether there was something. (Nothing may come although somebody unknown holds the other end.)"""
        try:
            data = os.read(self._stdout, _READ_BYTES)
        except BlockingIOError:  # the program took back what was there
            self.eager = False
            return False
        self._closed = not data
        self.eager = len(data) >= _WORTH_WAKING_FOR
        if len(data) > self._room:
            self.exceeded = True
            data = data[: self._room]
        if data:
            self._room -= len(data)
            self._unsent = memoryview(b"".join((self._unsent, encode({"op": "stdout"}, len(data)), data)))
        return bool(data)


class ErrorOutput:
    """The program's standard error: the first `keep` bytes are kept, the rest is only counted, up to `limit`."""

    def __init__(self, stderr: int, keep: int, limit: int) -> None:
        self._stderr, self._keep, self._limit = stderr, keep, limit
        os.set_blocking(stderr, False)
        self._total = 0
        self._closed = False
        self.kept = bytearray()
        self.eager = False

    @property
    def exceeded(self) -> bool:
        return self._total > self._limit

    def watched(self) -> Watched:
        return [(self._stderr, select.POLLIN)] if self.eager and not self._closed else []

    def serve(self, events: Events) -> None:
        if events.get(self._stderr, 0):
            self._read()

    def finish(self) -> None:
        """After the run, when nobody writes any more."""
        while not self.exceeded and self._read():
            pass
        os.close(self._stderr)

    def _read(self) -> bool:
        """Whether there was something. (Nothing may come although somebody unknown holds the other end.)"""
        try:
            data = os.read(self._stderr, CHUNK)
        except BlockingIOError:  # the program took back what was there
            self.eager = False
            return False
        self._closed = not data
        self.eager = len(data) >= _WORTH_WAKING_FOR
        self._total += len(data)
        self.kept += data[: self._keep - len(self.kept)]
        return bool(data)
