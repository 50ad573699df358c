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
AGENT = "agent"  # the image that the others take the agent from; nothing is run in it
COMPILES = "verdict.compiles"  # label of images whose programs are compiled, and then executed
_FOR_THE_HOST = {"build.py", "images.py"}


class UnknownImage(ValueError):
    """There is no runner image of that name."""


def names() -> list[str]:
    """Short names of all runner images."""
    return sorted(path.parent.name for path in HERE.glob("*/Dockerfile") if path.parent.name != AGENT)


@functools.cache
def tag(name: str) -> str:
    """The full name of the image called `name` for short ("python3"). Raises UnknownImage.

    A process stays with the first answer: it speaks the protocol of the files that it was started with.
    """
    content = hashlib.sha256(context(name))
    if name != AGENT:
        content.update(tag(AGENT).encode())
    return f"verdict/{name}:{content.hexdigest()[:12]}"


def base(name: str) -> str:
    """The image that the Dockerfile starts from. Raises UnknownImage."""
    match = re.search(r"^FROM ([^$\s]+)", _dockerfile(name), re.MULTILINE)
    if match is None:
        raise UnknownImage(f"runner_image/{name}/Dockerfile has no FROM line")
    return match[1]


@functools.cache
def compiles(name: str) -> bool:
    """Whether programs are compiled in it. Raises UnknownImage."""
    return re.search(rf"^LABEL {COMPILES}=1$", _dockerfile(name), re.MULTILINE) is not None


def context(name: str) -> bytes:
    """The build context: a tar archive, the same bytes for the same content. Raises UnknownImage."""
    files = {"Dockerfile": _dockerfile(name).encode()} | (_agent() if name == AGENT else _below(name))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file, content in sorted(files.items()):
            entry = tarfile.TarInfo(file)  # owner, time and mode are constants
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _agent() -> dict[str, bytes]:
    """The agent's sources: its modules, what is compiled, and the fork server."""
    modules = {f"runner_image/{path.name}": path.read_bytes() for path in HERE.glob("*.py")}
    for name in _FOR_THE_HOST:
        del modules[f"runner_image/{name}"]
    return modules | _below("native") | _below("fork_server")


def _below(directory: str) -> dict[str, bytes]:
    """All files of a directory of ours; the Dockerfile has a place of its own in a context."""
    paths = [path for path in (HERE / directory).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(HERE)): path.read_bytes() for path in paths if path.name != "Dockerfile"}


def _dockerfile(name: str) -> str:
    if name not in {AGENT, *names()}:
        raise UnknownImage(f"no runner image is called {name!r}; there are: {', '.join(names())}")
    return (HERE / name / "Dockerfile").read_text(encoding="utf-8")
