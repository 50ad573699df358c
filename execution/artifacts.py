"""Keeps what compilers made, by content, on disk, so that nothing is compiled twice. Knows neither ORM nor Docker.

An entry is one file: the SHA-256 of the rest, a line of JSON that says how the rest is divided, and the artifacts one
after the other. It appears under its name complete or not at all, and one that was damaged since is thrown away. So
any number of threads and processes may share a directory without a lock. An entry's modification time says when it was
last of use; those unused for longest go first.
"""

import contextlib
import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)

_DIGEST_BYTES = 32
_NEW = ".new-"
_STRAY_SECONDS = 3600  # a file that has been new for so long was left behind by a crash


class ArtifactCache:
    """At most `max_bytes` of artifacts in `directory`, which is made if need be."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self._directory, self._max_bytes = directory, max_bytes

    def get(self, key: str) -> dict[str, bytes] | None:
        """The artifacts of that key (relative names to contents); None if they aren't there, or not whole."""
        path = self._directory / key
        try:
            entry = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        try:
            return _decode(entry)
        except ValueError as error:
            log.warning("a damaged artifact is thrown away: %s", error)
            with contextlib.suppress(OSError):
                path.unlink()
            return None

    def put(self, key: str, artifacts: Mapping[str, bytes]) -> None:
        """Keep them, if they fit. That they could not be kept is only logged: they can be made again."""
        entry = _encode(artifacts)
        if len(entry) > self._max_bytes:
            return
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._make_room(len(entry))
            self._write(key, entry)
        except OSError as error:
            log.warning("an artifact could not be kept: %s", error)

    def _write(self, key: str, entry: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=self._directory, prefix=_NEW, delete=False) as new:
            try:
                new.write(entry)
                new.flush()
                os.replace(new.name, self._directory / key)
            except BaseException:
                Path(new.name).unlink(missing_ok=True)
                raise

    def _make_room(self, size: int) -> None:
        """Remove the least recently used, until `size` bytes more would fit."""
        entries = sorted(self._entries())
        total = sum(used for _, used, _ in entries)
        for _, used, path in entries:
            if total + size <= self._max_bytes:
                return
            path.unlink(missing_ok=True)
            total -= used

    def _entries(self) -> list[tuple[float, int, Path]]:
        """When each was last of use, and its size; without what others are just writing."""
        found = []
        for path in self._directory.iterdir():
            with contextlib.suppress(FileNotFoundError):  # somebody else made room
                stat = path.stat()
                if not path.name.startswith(_NEW):
                    found.append((stat.st_mtime, stat.st_size, path))
                elif time.time() - stat.st_mtime > _STRAY_SECONDS:
                    path.unlink()
        return found


def _encode(artifacts: Mapping[str, bytes]) -> bytes:
    sizes = json.dumps([[name, len(content)] for name, content in artifacts.items()]).encode()
    body = b"".join([sizes, b"\n", *artifacts.values()])
    return hashlib.sha256(body).digest() + body


def _decode(entry: bytes) -> dict[str, bytes]:
    """Raises ValueError where it isn't what was encoded."""
    digest, body = entry[:_DIGEST_BYTES], memoryview(entry)[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError("its content is not what was stored")
    start = entry.index(b"\n", _DIGEST_BYTES) + 1
    artifacts = {}
    for name, size in json.loads(entry[_DIGEST_BYTES:start]):
        artifacts[name] = entry[start : start + size]
        start += size
    return artifacts
