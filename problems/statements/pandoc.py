"""Runs pandoc on text that nobody vouches for: it reads no files, and its time, memory and output are bounded."""

import subprocess
import tempfile
from collections.abc import Sequence

import pypandoc

TIMEOUT_SECONDS = 10.0
MAX_HEAP_MB = 256
MAX_OUTPUT_BYTES = 4 << 20
_HEAP_EXHAUSTED = 251


class PandocRefused(Exception):
    """Pandoc could not make sense of the text; the message is what it said, in one line."""


class PandocStopped(Exception):
    """The text asks for more time, memory or output than it may have."""


def convert(text: str, source: str, *options: str) -> str:
    """The text, in the format `source`, as HTML 5. Raises PandocRefused and PandocStopped."""
    heap = ("+RTS", f"-M{MAX_HEAP_MB}M", "-RTS")
    command = [
        pypandoc.get_pandoc_path(),
        "--sandbox",
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
        said = " ".join(words.read(2000).decode(errors="replace").split())
    if status == _HEAP_EXHAUSTED:
        raise PandocStopped(f"needs more than {MAX_HEAP_MB} MB of memory to be converted")
    if status != 0:
        raise PandocRefused(said or f"pandoc ended with status {status}")
    if len(html) > MAX_OUTPUT_BYTES:
        raise PandocStopped(f"becomes more than {MAX_OUTPUT_BYTES >> 20} MB of HTML")
    return html.decode()


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
