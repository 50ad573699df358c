"""What goes into each runner image, and the tag that follows from it. Needs no Docker.

The tag carries a hash of all that is put in, the agent included: so a change of any of it is another image, and the
host never meets an agent that speaks another version of the protocol.
"""

import functools
import hashlib
import io
import re
import tarfile
from pathlib import Path

LABEL = "verdict.image"  # on every image of ours, and inherited by its containers: the image's short name
HERE = Path(__file__).parent
_FOR_THE_HOST = {"build.py", "images.py"}


class UnknownImage(ValueError):
    """There is no runner image of that name."""


def names() -> list[str]:
    """Short names of all runner images."""
    return sorted(path.parent.name for path in HERE.glob("*/Dockerfile"))


@functools.cache
def tag(name: str) -> str:
    """The full name of the image called `name` for short ("python3"). Raises UnknownImage.

    A process stays with the first answer: it speaks the protocol of the files that it was started with.
    """
    return f"verdict/{name}:{hashlib.sha256(context(name)).hexdigest()[:12]}"


def base(name: str) -> str:
    """The image that the Dockerfile starts from. Raises UnknownImage."""
    match = re.search(r"^FROM (\S+)", _dockerfile(name), re.MULTILINE)
    if match is None:
        raise UnknownImage(f"runner_image/{name}/Dockerfile has no FROM line")
    return match[1]


def context(name: str) -> bytes:
    """The build context: a tar archive, the same bytes for the same content. Raises UnknownImage."""
    files = {"Dockerfile": _dockerfile(name).encode()}
    for path in sorted(HERE.glob("*.py")):
        if path.name not in _FOR_THE_HOST:
            files[f"runner_image/{path.name}"] = path.read_bytes()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file, content in files.items():
            entry = tarfile.TarInfo(file)  # owner, time and mode are constants
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _dockerfile(name: str) -> str:
    if name not in names():
        raise UnknownImage(f"no runner image is called {name!r}; there are: {', '.join(names())}")
    return (HERE / name / "Dockerfile").read_text(encoding="utf-8")
