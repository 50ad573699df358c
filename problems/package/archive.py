"""Unpacks a zip that nobody vouches for.

Nothing that the zip says of itself is believed: bytes are counted as they come out, names are rebuilt from their
parts, and only plain files are made, below one new directory. Compression is stored or deflate only, since Python's
readers of the others have no bound on what they hold in memory at once.
"""

import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from problems.package.errors import PackageError
from problems.package.tree import CHUNK_BYTES, MAX_DEPTH, MAX_FILES, is_litter

MAX_DIRECTORY_BYTES = 8 << 20  # of the zip's own table of contents, which is read at once
MAX_RATIO = 1100  # deflate can't do better than 1032; entries that overlap can
_ENCRYPTED = 0x1
_END, _END64_LOCATOR, _END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"


def unpack(archive: Path, target: Path, max_bytes: int) -> None:
    """Unpack the zip `archive` into the empty directory `target`: at most `max_bytes` in all. Raises PackageError."""
    where = archive.name
    try:
        if _directory_bytes(archive) > MAX_DIRECTORY_BYTES:
            raise PackageError(where, f"there are more than {MAX_FILES} files in the package")
        with zipfile.ZipFile(archive) as source:
            _unpack(source, target, _Budget(max_bytes, MAX_RATIO * archive.stat().st_size))
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError) as error:
        raise PackageError(where, f"is not a sound zip file ({error})") from None


class _Budget:
    """How many bytes may still come out."""

    def __init__(self, max_bytes: int, plausible: int) -> None:
        self.left = min(max_bytes, plausible)
        self.words = f"than {max_bytes >> 20} MB" if max_bytes <= plausible else "than a sound zip of its size can"

    def spend(self, count: int, path: str) -> None:
        self.left -= count
        if self.left < 0:
            raise PackageError(path, f"with it, the zip unpacks to more {self.words}")


def _unpack(source: zipfile.ZipFile, target: Path, budget: _Budget) -> None:
    named = [(_path(entry), entry) for entry in source.infolist()]
    entries = [(path, entry) for path, entry in named if not is_litter(path)]
    if len(entries) > MAX_FILES:
        raise PackageError(Path(str(source.filename)).name, f"there are more than {MAX_FILES} files in the package")
    seen: set[str] = set()
    for path, entry in entries:
        _refuse_unfit(path, entry)
        if path in seen:
            raise PackageError(path, "is in the zip twice")
        seen.add(path)
        if not entry.is_dir():
            _write(source, entry, target / path, path, budget)


def _path(entry: zipfile.ZipInfo) -> str:
    """The entry's path, if that is a place inside the package."""
    name = entry.filename
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or "\\" in name or parts[0][1:2] == ":":
        raise PackageError(name, "is not a path inside the package")
    if any(part in {"", ".", ".."} for part in parts):
        raise PackageError(name, "is a path that leaves the package")
    if not name.isprintable():
        raise PackageError(repr(name), "has a name with characters that can't be printed")
    if len(parts) > MAX_DEPTH:
        raise PackageError(name, f"is nested deeper than {MAX_DEPTH} directories")
    return "/".join(parts)


def _refuse_unfit(path: str, entry: zipfile.ZipInfo) -> None:
    """Let pass only what is a plain file or directory, packed in a way that is bounded."""
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "not a plain file"
        raise PackageError(path, f"is {kind}, which a zip may not have here")
    if entry.flag_bits & _ENCRYPTED:
        raise PackageError(path, "is encrypted")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise PackageError(path, "is compressed in another way than deflate")


def _write(source: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, path: str, budget: _Budget) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open(entry) as packed, target.open("xb") as plain:
            while chunk := packed.read(CHUNK_BYTES):
                budget.spend(len(chunk), path)
                plain.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise PackageError(path, f"is damaged ({error})") from None
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise PackageError(path, "is both a file and a directory in the zip") from None
    except OSError as error:
        raise PackageError(path, f"can't be unpacked ({error.strerror})") from None


def _directory_bytes(archive: Path) -> int:
    """How large the zip's table of contents says it is (APPNOTE.TXT 4.3.14 and 4.3.16); 0 if none is found."""
    with archive.open("rb") as source:
        tail = _tail(source, 22 + 65535 + 20)
        end = tail.rfind(_END)
        if end < 0 or len(tail) < end + 16:
            return 0
        size = int(struct.unpack_from("<L", tail, end + 12)[0])
        if end >= 20 and tail[end - 20 : end - 16] == _END64_LOCATOR:
            source.seek(min(struct.unpack_from("<Q", tail, end - 12)[0], archive.stat().st_size))
            record = source.read(56)
            if len(record) == 56 and record.startswith(_END64):
                size = max(size if size != 0xFFFFFFFF else 0, int(struct.unpack_from("<Q", record, 40)[0]))
        return size


def _tail(source: BinaryIO, length: int) -> bytes:
    end = source.seek(0, 2)
    source.seek(max(0, end - length))
    return source.read()
