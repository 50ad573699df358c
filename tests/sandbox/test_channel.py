"""The agent never waits for ever, whatever becomes of the host."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator

import pytest

from runner_image import channel as module
from runner_image.channel import Channel, HostGone
from runner_image.frames import FrameError, encode


@pytest.fixture
def pipes() -> Iterator[tuple[int, int, int, int]]:
    """The agent's input and output, and the host's ends: reader, writer, input's writer, output's reader."""
    reader, feeder = os.pipe()
    drain, writer = os.pipe()
    yield reader, writer, feeder, drain
    for fd in (reader, writer, feeder, drain):
        with contextlib.suppress(OSError):  # a test may have closed it
            os.close(fd)


Pipes = tuple[int, int, int, int]


def test_a_frame_comes_and_goes(pipes: Pipes) -> None:
    reader, writer, feeder, drain = pipes
    channel = Channel(reader, writer)
    os.write(feeder, encode({"op": "ping"}, 3) + b"abc")
    assert channel.receive(5) == {"op": "ping"}
    assert channel.body_length == 3
    channel.copy_body(3)
    channel.send({"op": "pong"}, b"xyz")
    assert os.read(drain, 100) == encode({"op": "pong"}, 3) + b"xyz"


def test_a_frame_in_pieces(pipes: Pipes) -> None:
    reader, writer, feeder, _ = pipes
    channel = Channel(reader, writer)
    frame = encode({"op": "ping"})
    for byte in frame[:-1]:
        os.write(feeder, bytes([byte]))
        assert channel.header() is None
    os.write(feeder, frame[-1:])
    assert channel.header() == {"op": "ping"}


def test_the_body_stays_in_the_stream(pipes: Pipes) -> None:
    """It is for the program, and must not pass through the agent's memory."""
    reader, writer, feeder, _ = pipes
    channel = Channel(reader, writer)
    os.write(feeder, encode({"op": "input"}, 5) + b"hello")
    channel.receive(5)
    assert os.read(reader, 100) == b"hello"


def test_an_idle_agent_that_hears_nothing_gives_up(pipes: Pipes) -> None:
    reader, writer, _, _ = pipes
    with pytest.raises(HostGone, match="too long"):
        Channel(reader, writer).receive(0.05)


def test_the_end_of_the_stream_is_the_end(pipes: Pipes) -> None:
    reader, writer, feeder, _ = pipes
    os.close(feeder)
    with pytest.raises(HostGone, match="ended"):
        Channel(reader, writer).receive(5)


def test_half_a_frame_is_not_waited_for_for_ever(pipes: Pipes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALL_SECONDS", 0.05)
    reader, writer, feeder, _ = pipes
    channel = Channel(reader, writer)
    os.write(feeder, encode({"op": "load"}, 100) + b"x" * 50)
    channel.receive(5)
    with pytest.raises(HostGone):
        channel.copy_body(100)


def test_a_host_that_reads_nothing_is_not_waited_for_for_ever(pipes: Pipes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Docker daemon that was killed leaves the stream open, and full."""
    monkeypatch.setattr(module, "STALL_SECONDS", 0.05)
    reader, writer, _, _ = pipes
    start = time.monotonic()
    with pytest.raises(HostGone, match="too long"):
        Channel(reader, writer).send({"op": "report"}, b"x" * 1_000_000)
    assert time.monotonic() - start < 10


def test_a_host_that_is_gone_while_we_write(pipes: Pipes) -> None:
    reader, writer, _, drain = pipes
    os.close(drain)
    with pytest.raises(HostGone, match="writing"):
        Channel(reader, writer).send({"op": "pong"})


def test_a_slow_host_gets_all(pipes: Pipes) -> None:
    reader, writer, _, drain = pipes
    body = os.urandom(300_000)
    got = bytearray()

    def read_slowly() -> None:
        while len(got) < len(expected):
            time.sleep(0.001)
            got.extend(os.read(drain, 10_000))

    expected = encode({"op": "report"}, len(body)) + body
    thread = threading.Thread(target=read_slowly)
    thread.start()
    Channel(reader, writer).send({"op": "report"}, body)
    thread.join()
    assert bytes(got) == expected


def test_garbage_is_refused(pipes: Pipes) -> None:
    reader, writer, feeder, _ = pipes
    os.write(feeder, b"\xff" * 100)
    with pytest.raises(FrameError):
        Channel(reader, writer).receive(5)
