"""The codec that both sides share, and the host's parsers: whatever comes in, they answer or refuse."""

import contextlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.sandbox.interface import SandboxBroken
from execution.sandbox.wire import Demultiplexer, Frame, FrameParser
from runner_image.frames import MAX_BODY, MAX_HEADER, FrameError, Header, HeaderReader, encode, whole

HEADERS = st.dictionaries(
    st.text(max_size=20), st.none() | st.integers() | st.text(max_size=50) | st.booleans(), max_size=5
)
FRAMES = st.lists(st.tuples(HEADERS, st.binary(max_size=300)), max_size=8)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data in pieces of these sizes, over and over."""
    pieces, start = [], 0
    for size in cuts * (len(data) + 1):
        if start >= len(data):
            break
        pieces.append(data[start : start + size])
        start += size
    return pieces


CUTS = st.lists(st.integers(1, 50), min_size=1, max_size=5)


def parse(parser: FrameParser, pieces: list[bytes]) -> list[Frame]:
    frames = []
    for piece in pieces:
        parser.feed(piece)
        while (frame := parser.next()) is not None:
            frames.append(frame)
    return frames


@given(FRAMES, CUTS)
def test_frames_come_out_as_they_went_in_however_the_stream_is_cut(
    frames: list[tuple[Header, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(encode(header, len(body)) + body for header, body in frames)
    assert [(frame.header, frame.body) for frame in parse(FrameParser(1000), cut(stream, cuts))] == frames


@given(st.binary(max_size=2000), CUTS)
def test_the_host_refuses_garbage_and_does_nothing_else(data: bytes, cuts: list[int]) -> None:
    try:
        frames = parse(FrameParser(1000), cut(data, cuts))
    except SandboxBroken:
        return
    assert all(isinstance(frame.header, dict) for frame in frames)


@given(st.binary(max_size=2000))
def test_the_agents_reader_refuses_garbage_and_does_nothing_else(data: bytes) -> None:
    """As the agent uses it: never more bytes than are missing."""
    reader = HeaderReader()
    try:
        while data:
            piece, data = data[: reader.missing], data[reader.missing :]
            if (header := reader.feed(piece)) is not None:
                assert isinstance(header, dict)
                data = data[reader.body_length :]
    except FrameError:
        pass


@given(FRAMES, st.binary(min_size=1, max_size=40), st.data())
def test_a_damaged_stream_is_refused_or_still_frames(
    frames: list[tuple[Header, bytes]], damage: bytes, data: st.DataObject
) -> None:
    stream = bytearray(b"".join(encode(header, len(body)) + body for header, body in frames))
    place = data.draw(st.integers(0, len(stream)))
    stream[place : place + len(damage)] = damage
    with contextlib.suppress(SandboxBroken):
        parse(FrameParser(1000), [bytes(stream)])


@pytest.mark.parametrize(
    "stream",
    [
        struct.pack(">II", MAX_HEADER + 1, 0),
        struct.pack(">II", 0, 0),
        struct.pack(">II", 2, MAX_BODY + 1),
        struct.pack(">II", 4, 0) + b"null",
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 4, 0) + b'{"a"',
        struct.pack(">II", 2, 0) + b"\xff\xff",
        struct.pack(">II", MAX_HEADER, 0) + b"[" * MAX_HEADER,
    ],
    ids=["long header", "no header", "long body", "null", "list", "cut JSON", "no UTF-8", "deep JSON"],
)
def test_what_is_no_frame(stream: bytes) -> None:
    with pytest.raises(SandboxBroken):
        parse(FrameParser(1000), [stream])


def test_a_body_beyond_what_the_host_takes_is_refused_before_it_comes() -> None:
    with pytest.raises(SandboxBroken, match="1001"):
        parse(FrameParser(1000), [encode({}, 1001)])


def test_too_large_frames_are_not_made() -> None:
    with pytest.raises(FrameError):
        encode({"x": "y" * MAX_HEADER})
    with pytest.raises(FrameError):
        encode({}, MAX_BODY + 1)


@pytest.mark.parametrize("value", [None, -1, 11, 1.0, True, "1", [], 10**400])
def test_what_is_no_whole_number_within_bounds(value: object) -> None:
    with pytest.raises(FrameError, match="size"):
        whole({"size": value}, "size", 10)


def piece(number: int, data: bytes) -> bytes:
    return struct.pack(">BxxxI", number, len(data)) + data


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=100)), max_size=10), CUTS)
def test_the_engines_two_streams_are_taken_apart(pieces: list[tuple[int, bytes]], cuts: list[int]) -> None:
    demultiplexer = Demultiplexer()
    stream = b"".join(piece(number, data) for number, data in pieces)
    output = b"".join(demultiplexer.feed(part) for part in cut(stream, cuts))
    assert output == b"".join(data for number, data in pieces if number == 1)
    assert demultiplexer.words == b"".join(data for number, data in pieces if number == 2)


@given(st.binary(max_size=500), CUTS)
def test_a_garbled_engine_stream_is_refused_or_read(data: bytes, cuts: list[int]) -> None:
    demultiplexer = Demultiplexer()
    try:
        for part in cut(data, cuts):
            demultiplexer.feed(part)
    except SandboxBroken:
        pass


def test_the_agents_last_words_are_bounded() -> None:
    demultiplexer = Demultiplexer()
    for _ in range(100):
        demultiplexer.feed(piece(2, b"x" * 1000))
    assert len(demultiplexer.words) == 4096


@given(HEADERS)
def test_headers_are_json_that_anybody_can_read(header: Header) -> None:
    encoded = encode(header)
    assert json.loads(encoded[8:]) == header
