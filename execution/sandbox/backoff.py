"""Keeps from asking in vain, again and again, for what can't be had just now."""

import threading
import time

FIRST_SECONDS = 1.0
MOST_SECONDS = 30.0


class Backoff:
    """After a failure it asks for a pause of 1 s, after each further one for twice as long, up to 30 s."""

    def __init__(self, first_seconds: float = FIRST_SECONDS, most_seconds: float = MOST_SECONDS) -> None:
        self._first, self._most = first_seconds, most_seconds
        self._lock = threading.Lock()
        self._pause = 0.0
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether something failed, and nothing has worked since."""
        return self._pause > 0

    def remaining(self) -> float:
        """Seconds for which nothing should be tried."""
        return max(0.0, self._until - time.monotonic())

    def failed(self) -> None:
        """Several that tried at the same time count once."""
        with self._lock:
            if self.remaining() == 0:
                self._pause = min(2 * self._pause or self._first, self._most)
                self._until = time.monotonic() + self._pause

    def worked(self) -> None:
        with self._lock:
            self._pause = self._until = 0.0
