"""Mounts that a Docker daemon left below a directory."""

import ctypes
import os
import re
from pathlib import Path

from launcher.console import Failure

TABLE = Path("/proc/self/mountinfo")
MNT_DETACH = 2
_libc = ctypes.CDLL(None)  # a small Debian has no umount command


def below(directory: Path, table: Path = TABLE) -> list[Path]:
    """The mount points below `directory`, those mounted last first. One at `directory` itself is its owner's."""
    points = [_unescape(line.split()[4]) for line in table.read_text().splitlines()]
    return [point for point in reversed(points) if directory in point.parents]


def detach_below(directory: Path) -> None:
    """Unmount everything there. Raises Failure if something stays: deleting through a mount would be a disaster."""
    for point in below(directory):
        _libc.umount2(os.fsencode(point), MNT_DETACH)
    if left := below(directory):
        raise Failure(f"{left[0]} can't be unmounted. Unmount it (umount {left[0]}), then run script/down again.")


def _unescape(field: str) -> Path:
    """mountinfo(5) writes blanks and the like as \\ooo."""
    return Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field))
