"""Test data, statements and sources as files named by their content, so that equal files are stored once.

A file never changes once it is there, so reading needs no lock, and a crash leaves at most a stray temporary file.
"""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK_BYTES = 1 << 20


def root() -> Path:
    """The directory of all blobs, which this makes if need be."""
    directory = Path(settings.TEST_DATA_DIR)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def put(source: BinaryIO) -> str:
    """Store what `source` holds from where it stands; returns its name, the SHA-256 in hex."""
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=root(), prefix=".new-", delete=False) as new:
        try:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                new.write(chunk)
            new.flush()
            os.fsync(new.fileno())
            target = path(digest.hexdigest())
            target.parent.mkdir(exist_ok=True)
            os.replace(new.name, target)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise
    return digest.hexdigest()


def path(name: str) -> Path:
    """Where the file of that name is, or would be."""
    return Path(settings.TEST_DATA_DIR) / name[:2] / name


def exists(name: str) -> bool:
    return path(name).exists()


def read(name: str) -> bytes:
    """The whole content; for what is known to be small."""
    return path(name).read_bytes()


def head(name: str, limit: int) -> bytes:
    """The first `limit` bytes."""
    with path(name).open("rb") as source:
        return source.read(limit)
