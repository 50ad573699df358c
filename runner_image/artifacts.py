"""Reading what a compiler left in a directory in which a hostile program has had its way.

The caller is the program's user, and nothing of that user's is running. Only regular files are taken, found through
descriptors, following nothing.
"""

import os
import stat
from collections.abc import Iterator

from runner_image.channel import CHUNK
from runner_image.wipe import open_directory

MAX_FILES = 1000
_MAX_DEPTH = 16
_MAX_NAME = 200


class TooMuch(Exception):
    """More than was allowed, or what no compiler leaves."""


def read(directory: int, max_bytes: int) -> Iterator[tuple[str, bytes]]:
    """Every file below an open directory, by its relative name, in pieces (one at least). Raises TooMuch, OSError."""
    left = max_bytes
    for count, (name, fd) in enumerate(_files(directory, "", 0)):
        try:
            if count >= MAX_FILES:
                raise TooMuch
            piece = os.read(fd, CHUNK)
            yield name, piece
            while piece:
                left -= len(piece)
                if left < 0:
                    raise TooMuch
                if piece := os.read(fd, CHUNK):
                    yield name, piece
        finally:
            os.close(fd)


def _files(directory: int, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    """Relative names and descriptors (the caller's to close)."""
    if depth > _MAX_DEPTH:
        raise TooMuch
    for entry in sorted(os.listdir(directory)):
        name = f"{prefix}{entry}"
        if len(name) > _MAX_NAME or not name.isprintable():  # surrogates, of what isn't UTF-8, are not printable
            raise TooMuch
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
