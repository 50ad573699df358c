"""Where the web's processes keep what they count: a directory in memory, which ends with the server.

A server that is killed leaves its own behind, for the next one to remove: the lock in it is free then, as whoever held
it is gone.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's
_PREFIX = "verdict-metrics-"


def begin(parent: str | None) -> None:
    """Make one in `parent` (None: where temporary files are), and name it to the processes that are forked."""
    for left in Path(parent or tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        _remove_if_left(left)
    directory = tempfile.mkdtemp(prefix=_PREFIX, dir=parent)
    lock = os.open(f"{directory}/lock", os.O_CREAT | os.O_RDWR, 0o600)  # never closed: ends with all who have it
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.environ[VARIABLE] = directory


def end() -> None:
    """Remove it."""
    shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)


def _remove_if_left(directory: Path) -> None:
    """Others' are left alone: what can't be opened, and what is locked, or not yet."""
    try:
        with (directory / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(directory, ignore_errors=True)
    except OSError:
        return
