"""How many sandboxes may be leased at once, and who is next: first come, first served."""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator

from execution.sandbox.interface import SandboxUnavailable


class Turns:
    """At most `count` at once. A wait has no limit of its own: whoever has a turn is bound to end it in time."""

    def __init__(self, count: int) -> None:
        self._changed = threading.Condition()
        self._free = count
        self._waiting: deque[object] = deque()
        self._closed = False

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and have it until the end. Raises SandboxUnavailable once there are no more."""
        self._take()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def close(self) -> None:
        """Refuse all later turns, and those that are waited for now."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _take(self) -> None:
        me = object()
        with self._changed:
            self._waiting.append(me)
            try:
                self._changed.wait_for(lambda: self._closed or (self._free > 0 and self._waiting[0] is me))
            finally:
                self._waiting.remove(me)
            if self._closed:
                raise SandboxUnavailable("the pool is closed")
            self._free -= 1
            self._changed.notify_all()  # there may be a turn for the next, too
