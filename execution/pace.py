"""Lets things begin no faster than so many a second."""

import threading
import time


class Pace:
    """Lets one pass after the other, each 1 / `per_second` after the one before; all of them at once with 0.

    (Celery's own rate limit would take more and more messages out of the broker and keep them until they may be done.)
    """

    def __init__(self, per_second: float = 0) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, stopping: threading.Event) -> bool:
        """Wait for a turn; False if `stopping` is set before that."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._gap
        return not stopping.wait(turn - time.monotonic()) if self._gap else not stopping.is_set()

    def give_back(self) -> None:
        """A turn was not used."""
        with self._lock:
            self._next -= self._gap
