"""A submission's files from an upload: a zip, or one file.

Nothing that a zip says of itself is believed: no entry is read further than a program may be long, whatever size its
header names. Only stored and deflated entries are read, since Python's readers of the others have no bound on what
they hold in memory at once. What names and texts are valid is `execution.intake`'s to say, once the files are out.
"""

import io
import stat
import struct
import zipfile
import zlib

from django.conf import settings
from rest_framework.exceptions import ValidationError

from execution.intake import MAX_FILES, checked_files
from execution.languages import Language
from execution.models import SourceFile

_ZIP = b"PK\x03\x04"  # how a zip begins that has an entry
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# What `zipfile` and what it calls make of a zip that is damaged, or was made to confuse it.
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, ValueError, RuntimeError)


def program_of(language: Language, name: str, content: bytes, field: str) -> list[SourceFile]:
    """The checked files of an upload: those in a zip, or the one source file. Raises ValidationError for `field`."""
    if name.lower().endswith(".zip") or content.startswith(_ZIP):
        return zipped_files(language, content, field)
    return checked_files(language, [SourceFile(name=language.source_name, content=_text(name, content, field))], field)


def zipped_files(language: Language, content: bytes, field: str) -> list[SourceFile]:
    """The checked files in a zip. Raises ValidationError for `field`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _unpacked(archive, field)
    except _DAMAGE as error:
        raise ValidationError({field: [f"It is not a sound zip file ({error})."]}) from None
    return checked_files(language, files, field)


def _unpacked(archive: zipfile.ZipFile, field: str) -> list[SourceFile]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    if len(entries) > MAX_FILES:
        raise ValidationError({field: [f"At most {MAX_FILES} files."]})
    files: list[SourceFile] = []
    left = settings.MAX_SOURCE_BYTES
    for entry in entries:
        _refuse_unfit(entry, field)
        content = _read(archive, entry, left, field)
        left -= len(content)
        files.append(SourceFile(name=entry.filename, content=_text(entry.filename, content, field)))
    return files


def _is_litter(path: str) -> bool:
    """Whether it is a hidden file, or one that a Mac adds. A part that leads elsewhere is for the check to refuse."""
    parts = path.split("/")
    return parts[0] == "__MACOSX" or any(part.startswith(".") and part not in {".", ".."} for part in parts)


def _refuse_unfit(entry: zipfile.ZipInfo, field: str) -> None:
    """Let pass only plain files, packed in a way that is bounded. Raises ValidationError."""
    trouble = ""
    if entry.orig_filename != entry.filename:  # Python would cut it off there
        trouble = "has a null byte in its name"
    elif stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        trouble = "is a link, or another thing that is no plain file"
    elif entry.flag_bits & _ENCRYPTED:
        trouble = "is encrypted"
    elif entry.compress_type not in _METHODS:
        trouble = "is compressed in another way than deflate"
    if trouble:
        raise ValidationError({field: [f"{entry.filename!r} {trouble}."]})


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int, field: str) -> bytes:
    """What the entry holds: at most `limit` bytes. Raises ValidationError, and `_DAMAGE`."""
    with archive.open(entry) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValidationError({field: [f"It unpacks to more than the {settings.MAX_SOURCE_BYTES} bytes allowed."]})
    return content


def _text(name: str, content: bytes, field: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValidationError({field: [f"{name!r} is not text in UTF-8."]}) from None
