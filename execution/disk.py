"""Whether a disk is nearly full. Then nothing more is accepted, before what was accepted goes wrong."""

import logging
import os
import threading
import time
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

REMEMBER_SECONDS = 5.0
LEAST_INODES = 0.01  # of all


class _Watch:
    """What was found last, and when. A change is logged once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found = ""
        self._until = float("-inf")

    def shortage(self) -> str:
        with self._lock:
            if time.monotonic() >= self._until:
                before, self._found = self._found, _look()
                self._until = time.monotonic() + REMEMBER_SECONDS
                _tell_change(before, self._found)
            return self._found

    def forget(self) -> None:
        with self._lock:
            self._until = float("-inf")


_watch = _Watch()


def is_short() -> bool:
    """Whether one of the disks that we write to is nearly full: as known in this process some seconds ago."""
    return bool(shortage())


def shortage() -> str:
    """What is short, for people who run the site; "" if nothing is."""
    return _watch.shortage()


def forget() -> None:
    """Look anew when asked next."""
    _watch.forget()


def _look() -> str:
    shortages = (_shortage_at(path) for path in sorted(_places()))
    return next((found for found in shortages if found), "")


def _places() -> set[Path]:
    database = settings.DATABASES["default"]
    places = {Path(settings.VAR_DIR), Path(settings.TEST_DATA_DIR)}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        places.add(Path(str(database["NAME"])).parent)
    return places


def _shortage_at(path: Path) -> str:
    try:
        found = os.statvfs(path)
    except OSError:  # not made yet
        return ""
    free_mb = found.f_bavail * found.f_frsize // 1_000_000
    if free_mb < settings.MIN_FREE_MB:
        return f"{free_mb} MB are free at {path}, and MIN_FREE_MB is {settings.MIN_FREE_MB}"
    if found.f_favail < found.f_files * LEAST_INODES:  # some file systems know no number of inodes: 0 of 0
        return f"{found.f_favail} inodes of {found.f_files} are free at {path}"
    return ""


def _tell_change(before: str, now: str) -> None:
    if now and not before:
        log.error("the disk is nearly full, nothing more is accepted: %s", now)
    elif before and not now:
        log.warning("there is room on the disk again, submissions are accepted")
