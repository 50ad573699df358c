"""Reading what a compiler left in a directory in which a hostile program has had its way.

The caller is the program's user, and nothing of that user's is running. Only regular files are taken, found through
descriptors, following nothing.
"""

import json
import os
import stat
from collections.abc import Iterator

from runner_image.channel import CHUNK
from runner_image.frames import MAX_HEADER
from runner_image.wipe import open_directory

MAX_FILES = 1000
MAX_NAME = 200  # characters of a relative name
_MAX_DEPTH = 16


class TooMuch(Exception):
    """More than was allowed, or what no compiler leaves."""


class Names:
    """Counts the names of files that are to be loaded again: they must fit into the header of that request."""

    def __init__(self) -> None:
        self._files, self._room = MAX_FILES, MAX_HEADER - 1024

    def add(self, name: str) -> None:
        """Raises TooMuch where there are too many, or one that can't be."""
        self._files -= 1
        self._room -= len(json.dumps(name)) + len('{"name": , "size": 99999999}, ')
        if self._files < 0 or self._room < 0 or len(name) > MAX_NAME or not name.isprintable():
            raise TooMuch  # (surrogates, of what isn't UTF-8, are not printable)


def read(directory: int, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Every file below an open directory, by its relative name, in pieces (one at least). Raises TooMuch, OSError.

    Before that it may yield up to `max_bytes` bytes, but never more.
    """
    left, names = max_bytes, Names()
    for name, fd in _files(directory, "", 0):
        try:
            names.add(name)
            for piece in _pieces(fd):
                left -= len(piece)
                if left < 0:
                    raise TooMuch
                yield name, piece
        finally:
            os.close(fd)


def _pieces(fd: int) -> Iterator[bytes]:
    """The file's content; one empty piece of an empty file."""
    piece = os.read(fd, CHUNK)
    yield piece
    while piece := os.read(fd, CHUNK):
        yield piece


def _files(directory: int, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    """Relative names and descriptors (the caller's to close)."""
    if depth > _MAX_DEPTH:
        raise TooMuch
    for entry in sorted(os.listdir(directory)):
        name = f"{prefix}{entry}"
        mode = os.stat(entry, dir_fd=directory, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            yield name, os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        elif stat.S_ISDIR(mode):
            inner = open_directory(entry, directory)
            try:
                yield from _files(inner, f"{name}/", depth + 1)
            finally:
                os.close(inner)
        else:
            raise TooMuch
