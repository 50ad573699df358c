"""Runs pandoc on text that nobody vouches for: it reads no files, and its time, memory and output are bounded."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

import pypandoc

TIMEOUT_SECONDS = 10.0
MAX_HEAP_MB = 256
MAX_OUTPUT_BYTES = 4 << 20
MAX_WORDS_BYTES = 256 * 1024
_HEAP_EXHAUSTED = 251
_SKIPPED = re.compile(r"^\[INFO\] Skipped '(\\[^']*)' at ", re.MULTILINE)
_NOTE = re.compile(r"^\[(INFO|WARNING)\]")


class PandocRefused(Exception):
    """Pandoc could not make sense of the text; the message is what it said, in one line."""


class PandocStopped(Exception):
    """The text asks for more time, memory or output than it may have."""


class Converted(NamedTuple):
    """The HTML 5, and what of the text pandoc did not know and left out ("\\foo{bar}"), each once."""

    html: str
    skipped: list[str]


def convert(text: str, source: str, *options: str) -> Converted:
    """The text, which is in the format `source`. Raises PandocRefused and PandocStopped."""
    heap = ("+RTS", f"-M{MAX_HEAP_MB}M", "-RTS")
    command = [
        pypandoc.get_pandoc_path(),
        "--sandbox",
        "--verbose",
        "--wrap=none",
        f"--from={source}",
        "--to=html5",
        *options,
        *heap,
    ]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as words:
        status = _run(command, text.encode(), output.fileno(), words.fileno())
        output.seek(0)
        words.seek(0)
        html = output.read(MAX_OUTPUT_BYTES + 1)
        said = words.read(MAX_WORDS_BYTES).decode(errors="replace")
    if status == _HEAP_EXHAUSTED:
        raise PandocStopped(f"needs more than {MAX_HEAP_MB} MB of memory to be converted")
    if status != 0:
        raise PandocRefused(_complaint(said) or f"pandoc ended with status {status}")
    if len(html) > MAX_OUTPUT_BYTES:
        raise PandocStopped(f"becomes more than {MAX_OUTPUT_BYTES >> 20} MB of HTML")
    return Converted(html.decode(), list(dict.fromkeys(_SKIPPED.findall(said))))


def _complaint(said: str) -> str:
    """What pandoc ended with, in one line, without the notes that it took on the way."""
    return " ".join(" ".join(line for line in said.splitlines() if not _NOTE.match(line)).split())[:200]


def _run(command: Sequence[str], text: bytes, output: int, words: int) -> int:
    try:
        return subprocess.run(
            command,
            input=text,
            stdout=output,
            stderr=words,
            timeout=TIMEOUT_SECONDS,
            check=False,
            cwd=tempfile.gettempdir(),
            env={"LC_ALL": "C.UTF-8", "HOME": "/nonexistent"},
        ).returncode
    except subprocess.TimeoutExpired:
        raise PandocStopped(f"takes more than {TIMEOUT_SECONDS:g} seconds to be converted") from None
