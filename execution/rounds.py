"""Whether the maintenance worker makes its rounds: that its process lives says nothing.

Its clock (Celery's beat) publishes a message for each round, and its consumer hears it. Either may go quiet, as judges'
consumers do (`execution.watchdog`). The worker is taken for alive while it has swept with success lately, and ends
itself, to be started anew, where the broker answers and nothing is heard all the same.
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
        self._swept = time.monotonic()

    @contextmanager
    def round(self) -> Iterator[None]:
        """A message was heard."""
        with self._activity.attending():
            yield

    def swept(self) -> None:
        """A sweep has ended with success."""
        self._swept = time.monotonic()

    def are_made(self) -> bool:
        """Whether that was lately."""
        return time.monotonic() - self._swept < FRESH_SECONDS

    def last_sweep(self) -> float:
        """When it was, in seconds since 1970."""
        return time.time() - (time.monotonic() - self._swept)

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
