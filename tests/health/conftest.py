import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.valkey import find_binary


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """A short one, as paths of sockets must be."""
    with tempfile.TemporaryDirectory(prefix="vh-") as directory:
        yield Path(directory)


@pytest.fixture(scope="module")
def valkey(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    path = str(directory / "v.sock")
    command = [find_binary(), "--port", "0", "--unixsocket", path, "--save", "", "--dir", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield process
        process.kill()
