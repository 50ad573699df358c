"""Unpacks a zip that nobody vouches for, and packs zips of what was looked at.

Nothing that the zip says of itself is believed: bytes are counted as they come out, names are rebuilt from their
parts, and only plain files are made, below one new directory. Compression is stored or deflate only, since Python's
readers of the others have no bound on what they hold in memory at once.
"""

import io
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from problems.package.errors import PackageError
from problems.package.tree import CHUNK_BYTES, MAX_DEPTH, MAX_FILES, Tree, is_litter

Wanted = Callable[[str], bool]

MAX_READ_BYTES = 8 << 20  # at once; no more than the table of contents of MAX_FILES files needs
MAX_RATIO = 1100  # deflate can't do better than 1032; entries that overlap can
_ENCRYPTED = 0x1
# What `zipfile` and what it calls make of a zip that is damaged, or was made to confuse it. A name that is not the
# UTF-8 it says it is, a place before the file's beginning: ValueError.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OverflowError, ValueError, RuntimeError)


def everything(path: str) -> bool:
    """Every file of a zip is wanted."""
    return True


def unpack(archive: Path, target: Path, max_bytes: int, wanted: Wanted = everything) -> None:
    """Unpack the zip `archive` into the empty directory `target`: at most `max_bytes` in all. Raises PackageError.

    Only the files with `wanted` paths are written.
    """
    size = archive.stat().st_size
    if size > max_bytes:
        raise PackageError(archive.name, f"is larger than {max_bytes >> 20} MB")
    try:
        with _Sparing(archive) as file, zipfile.ZipFile(file) as source:
            _unpack(source, target, _Budget(max_bytes, MAX_RATIO * size), wanted)
    except _DAMAGE as error:
        raise PackageError(archive.name, f"is not a sound zip file ({error})") from None
    except OSError as error:
        raise PackageError(archive.name, f"can't be read ({error.strerror})") from None


def pack(tree: Tree, target: IO[bytes]) -> None:
    """Write a zip of the tree's files, which is the same for the same files. Raises PackageError."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, file in sorted(tree.files.items()):
            entry = zipfile.ZipInfo(path)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with file.open() as source, packed.open(entry, "w", force_zip64=True) as place:
                shutil.copyfileobj(source, place, CHUNK_BYTES)


def replace(archive: Path, path: str, content: bytes) -> None:
    """Put other content into a file of a sound zip: appended, and left out of the table of contents where it stood."""
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.filelist.remove(packed.NameToInfo.pop(path))
        packed.writestr(path, content)


class _Sparing(io.FileIO):
    """A zip as `zipfile` reads it. The table of contents is read at once, in the length that the zip itself gives."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_READ_BYTES:
            raise PackageError(Path(str(self.name)).name, f"there are more than {MAX_FILES} files in the package")
        return super().read(-1 if size is None else size)


class _Budget:
    """How many bytes may still come out."""

    def __init__(self, max_bytes: int, plausible: int) -> None:
        self.left = min(max_bytes, plausible)
        self.words = f"than {max_bytes >> 20} MB" if max_bytes <= plausible else "than a sound zip of its size can"

    def spend(self, count: int, path: str) -> None:
        self.left -= count
        if self.left < 0:
            raise PackageError(path, f"with it, the zip unpacks to more {self.words}")


def _unpack(source: zipfile.ZipFile, target: Path, budget: _Budget, wanted: Wanted) -> None:
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
        if not entry.is_dir() and wanted(path):
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
    except _DAMAGE as error:
        raise PackageError(path, f"is damaged ({error})") from None
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise PackageError(path, "is both a file and a directory in the zip") from None
    except OSError as error:
        raise PackageError(path, f"can't be unpacked ({error.strerror})") from None
