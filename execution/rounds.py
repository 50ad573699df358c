"""Whether the maintenance worker makes its rounds: that its process lives says nothing.

Its clock (Celery's beat) publishes a message for each round, and its consumer hears it. Either may go quiet, as judges'
consumers do (`execution.watchdog`). The worker is taken for alive while a sweep has ended lately, and ends itself, to
be started anew, where the broker answers and nothing is heard all the same.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from execution import doorbell
from execution.watchdog import Activity, Watchdog

log = logging.getLogger(__name__)

FRESH_SECONDS = 30.0


class Rounds:
    """Those of this process. It begins as if it had just made one."""

    def __init__(self) -> None:
        self._activity = Activity()
        self._ended = time.monotonic()

    @contextmanager
    def round(self) -> Iterator[None]:
        """A message was heard."""
        with self._activity.attending():
            yield

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        with self.round():
            yield
        self._ended = time.monotonic()

    def are_made(self) -> bool:
        """Whether the last sweep ended lately."""
        return time.monotonic() - self._ended < FRESH_SECONDS

    def last_sweep(self) -> float:
        """When it ended, in seconds since 1970."""
        return time.time() - (time.monotonic() - self._ended)

    def watch(self, bark: Callable[[], object]) -> Watchdog:
        """Calls `bark` if nothing is heard any more; not begun yet."""
        return Watchdog(self._activity, 1, _is_due, bark)


rounds = Rounds()


def _is_due() -> bool:
    """While the broker answers, there is a message every few seconds."""
    try:
        return doorbell.waiting(doorbell.SILENCE) >= 0
    except Exception as error:  # whatever it is: nobody hears anything then
        log.info("the watchdog could not look: %s", error)
        return False
