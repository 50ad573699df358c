"""The frames in which host and agent talk: a small JSON object, then raw bytes.

    4 bytes   length of the header, big-endian
    4 bytes   length of the body
    …         header: one JSON object in UTF-8
    …         body: raw bytes, meaning as the header says

Both sides import this file; the agent has nothing but the standard library.
"""

import json
import struct

MAX_HEADER = 64 * 1024
MAX_BODY = 64 * 1024 * 1024

_LENGTHS = struct.Struct(">II")

Header = dict[str, object]


class FrameError(ValueError):
    """The stream doesn't hold what it must; there is no way to find the next frame in it."""


def encode(header: Header, body_length: int = 0) -> bytes:
    """A frame's lengths and header, to be followed by `body_length` bytes. Raises FrameError if it is too large."""
    text = json.dumps(header).encode()
    if len(text) > MAX_HEADER or body_length > MAX_BODY:
        raise FrameError(f"a frame of {len(text)} + {body_length} bytes is too large")
    return _LENGTHS.pack(len(text), body_length) + text


class HeaderReader:
    """Takes the stream's bytes up to the end of a header; the body is for the caller to read.

    Never give `feed` more than `missing` bytes: what follows a header belongs to its body.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._wanted = _LENGTHS.size
        self.body_length = 0

    @property
    def missing(self) -> int:
        """Bytes that are certainly still to come before the body, at least 1."""
        return self._wanted - len(self._held)

    def feed(self, data: bytes) -> Header | None:
        """The header, once it is complete (`body_length` is its body's); then starts over. Raises FrameError."""
        if len(data) > self.missing:
            raise FrameError("more bytes than a header takes")
        self._held += data
        if self.missing:
            return None
        if self._wanted == _LENGTHS.size:
            self._wanted += self._header_length()
            return None
        text, self._held, self._wanted = self._held[_LENGTHS.size :], bytearray(), _LENGTHS.size
        return _parse(text)

    def _header_length(self) -> int:
        length, self.body_length = _LENGTHS.unpack(self._held)
        if not 2 <= length <= MAX_HEADER:
            raise FrameError(f"a header of {length} bytes")
        if self.body_length > MAX_BODY:
            raise FrameError(f"a body of {self.body_length} bytes")
        return int(length)


def _parse(text: bytearray) -> Header:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a header that is no JSON: {error}") from error
    if not isinstance(header, dict):
        raise FrameError(f"a header must be an object, not {type(header).__name__}")
    return header


def whole(header: Header, key: str, high: int) -> int:
    """The whole number from 0 to `high` under `key`. Raises FrameError."""
    value = header.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= high:
        raise FrameError(f"{key} must be a whole number from 0 to {high}, not {value!r:.40}")
    return value


def is_word(value: object) -> bool:
    """Whether the kernel takes it as a name or an argument. JSON can name half a surrogate pair, which UTF-8 can't."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
