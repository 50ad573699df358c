"""A package's files, known to be regular, inside the package, and bounded in number and size."""

import hashlib
import os
import re
import stat
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from problems.package.errors import PackageError

MAX_FILES = 20_000
MAX_DEPTH = 32
CHUNK_BYTES = 1 << 20
MAX_TEXT_BYTES = 1 << 20

# What operating systems and editors leave behind. Names with a leading dot are ignored too, but for `.timelimit`.
_LITTER = re.compile(r"(__MACOSX|Thumbs\.db|desktop\.ini|.*~)", re.IGNORECASE)
_KEPT_HIDDEN = ".timelimit"
# Names as the dated versions of the format allow them ("General requirements").
_STRICT_NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,254}")


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a package: `path` is its name in the package (with slashes), `real` where it can be read.

    `home` is the package's directory. Whoever can write to it could put a link in the file's place after it was looked
    at, so it is looked at again when it is open.
    """

    path: str
    real: Path
    size: int
    home: Path

    def open(self) -> BinaryIO:
        """Raises PackageError if it can't be read, or is another file by now."""
        with _reading(self.path):
            source = os.fdopen(os.open(self.real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
        if not (_is_regular(source) and _place(source).is_relative_to(self.home)):
            source.close()
            raise PackageError(self.path, "changed while the package was read")
        return source

    def read(self, limit: int) -> bytes:
        """The content. Raises PackageError if it is more than `limit` bytes."""
        with self.open() as source:
            content = source.read(limit + 1)
        if len(content) > limit:
            raise PackageError(self.path, f"is larger than {limit // 1024} KiB")
        return content

    def read_text(self, limit: int = MAX_TEXT_BYTES) -> str:
        """The content as text, a byte-order mark dropped. Raises PackageError if it is not UTF-8 or has NULs."""
        try:
            text = self.read(limit).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise PackageError(self.path, f"is not UTF-8 text (at byte {error.start})") from None
        if "\0" in text:
            raise PackageError(self.path, "is not text: it has a NUL in it")
        return text.replace("\r\n", "\n")


@dataclass(slots=True)
class Tree:
    """The files of a package by their names."""

    files: dict[str, PackageFile]

    def get(self, path: str) -> PackageFile | None:
        return self.files.get(path)

    def under(self, folder: str) -> dict[str, PackageFile]:
        """The files in `folder`, at any depth, by their names relative to it, in order."""
        prefix = f"{folder}/"
        return {path.removeprefix(prefix): self.files[path] for path in sorted(self.files) if path.startswith(prefix)}

    def has(self, folder: str) -> bool:
        return any(path.startswith(f"{folder}/") for path in self.files)

    def subtree(self, folder: str) -> "Tree":
        """The tree whose root is `folder`."""
        return Tree({name: replace(file, path=name) for name, file in self.under(folder).items()})

    def without_odd_names(self) -> tuple["Tree", list[str]]:
        """The files whose names the dated versions of the format allow, and the names of the others."""
        odd = [path for path in self.files if not _is_strict(path)]
        return Tree({path: file for path, file in self.files.items() if path not in set(odd)}), odd


@dataclass(slots=True)
class Blobs:
    """What content is to be stored, by its name (the SHA-256 in hex): a file of the package, or bytes made of it."""

    sources: dict[str, PackageFile | bytes] = field(default_factory=dict)

    def add(self, file: PackageFile) -> str:
        """Note a file; returns its name."""
        digest = hashlib.sha256()
        for chunk in _chunks(file):
            digest.update(chunk)
        return self._note(digest.hexdigest(), file)

    def add_text(self, file: PackageFile) -> str:
        """Note a file that must be UTF-8; returns its name. Raises PackageError."""
        digest, decoder, done = hashlib.sha256(), getincrementaldecoder("utf-8")(), 0
        try:
            for chunk in _chunks(file):
                digest.update(chunk)
                decoder.decode(chunk)
                done += len(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise PackageError(file.path, f"is not UTF-8 text (near byte {done + error.start})") from None
        return self._note(digest.hexdigest(), file)

    def add_bytes(self, content: bytes) -> str:
        """Note bytes; returns their name."""
        return self._note(hashlib.sha256(content).hexdigest(), content)

    def head(self, name: str, limit: int) -> bytes:
        """The first `limit` bytes of what was noted under that name."""
        source = self.sources[name]
        if isinstance(source, bytes):
            return source[:limit]
        with source.open() as file:
            return file.read(limit)

    def _note(self, name: str, source: PackageFile | bytes) -> str:
        self.sources.setdefault(name, source)
        return name


def is_litter(path: str) -> bool:
    """Whether a name in a package is to be passed over as if it were not there."""
    *folders, name = path.split("/")
    hidden = any(part.startswith(".") for part in folders) or (name.startswith(".") and name != _KEPT_HIDDEN)
    return hidden or any(_LITTER.fullmatch(part) for part in (*folders, name))


def of_directory(root: Path, max_bytes: int) -> Tree:
    """The files of a directory. Symbolic links are followed if they stay inside. Raises PackageError."""
    files: dict[str, PackageFile] = {}
    total = 0
    home = Path(os.path.realpath(root))
    for count, (path, real) in enumerate(_walk(home, home, "", frozenset())):
        with _reading(path):
            found = real.stat()
        if count >= MAX_FILES:
            raise PackageError(path, f"there are more than {MAX_FILES} files and directories in the package")
        if stat.S_ISDIR(found.st_mode):
            continue
        total += found.st_size
        if total > max_bytes:
            raise PackageError(path, f"the package is larger than {max_bytes >> 20} MB")
        files[path] = PackageFile(path, real, found.st_size, home)
    return Tree(files)


def _walk(home: Path, folder: Path, prefix: str, ancestors: frozenset[Path]) -> Iterator[tuple[str, Path]]:
    """Names in the package and real paths of what is below `folder`, which is a real path itself."""
    if len(ancestors) >= MAX_DEPTH:
        raise PackageError(prefix.rstrip("/"), f"is nested deeper than {MAX_DEPTH} directories")
    with _reading(prefix or folder.name):
        names = os.listdir(folder)
    for name in sorted(names):
        path = f"{prefix}{_decent(name, prefix)}"
        if is_litter(path):
            continue
        real = _inside(home, folder / name, path)
        yield path, real
        if real.is_dir():
            if real == folder or real in ancestors:
                raise PackageError(path, "is a symbolic link that leads back to where it is")
            yield from _walk(home, real, f"{path}/", ancestors | {folder})


def _inside(home: Path, found: Path, path: str) -> Path:
    """The real path of what was found: a directory or a regular file of the package."""
    with _reading(path):
        real = Path(os.path.realpath(found, strict=True))
        mode = real.stat().st_mode
    if not real.is_relative_to(home):
        raise PackageError(path, "is a symbolic link to something outside of the package")
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise PackageError(path, "is neither a file nor a directory")
    return real


def _decent(name: str, prefix: str) -> str:
    """The name, which must be text that can be stored and printed."""
    if not name.isprintable():
        raise PackageError(f"{prefix}{name!r}", "has a name with characters that can't be printed")
    return name


def _is_strict(path: str) -> bool:
    return path == _KEPT_HIDDEN or all(_STRICT_NAME.fullmatch(part) for part in path.split("/"))


def _is_regular(source: BinaryIO) -> bool:
    return stat.S_ISREG(os.fstat(source.fileno()).st_mode)


def _place(source: BinaryIO) -> Path:
    """Where the kernel says that an open file is."""
    return Path(os.readlink(f"/proc/self/fd/{source.fileno()}"))


@contextmanager
def _reading(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PackageError(path, f"can't be read ({error.strerror})") from None


def _chunks(file: PackageFile) -> Iterator[bytes]:
    with file.open() as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk
