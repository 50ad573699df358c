"""Notices that a worker's consumer has gone quiet: bells lie in the broker, hands are free, and nothing is begun.

Known of Celery after a broken broker connection (celery#8030, #10205, #10302): the process lives on and hears nothing
more. Nothing in it can mend that, so the process ends, and whoever supervises it starts another.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from execution import doorbell, pausing
from execution.models import Judgement
from execution.states import State
from judge.web import connections

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
LOOKS = 6  # so often in a row it must have been quiet


class Activity:
    """How many bells were heard so far, and how many are being attended to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.heard = self.busy = 0

    @contextmanager
    def attending(self) -> Iterator[None]:
        """Somebody rang."""
        with self._lock:
            self.heard += 1
            self.busy += 1
        try:
            yield
        finally:
            with self._lock:
                self.busy -= 1


class Watchdog:
    """Looks every LOOK_SECONDS; calls `bark` once, from its thread, when it was quiet LOOKS times in a row.

    Looks are counted, not seconds: a process that was stopped for a while hears nothing either.
    """

    def __init__(
        self, activity: Activity, hands: int, is_rung_for: Callable[[], bool], bark: Callable[[], object]
    ) -> None:
        self._activity, self._hands, self._is_rung_for, self._bark = activity, hands, is_rung_for, bark
        self._heard = 0
        self._quiet = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def look(self) -> bool:
        """Whether it has been quiet for long enough."""
        self._quiet = self._quiet + 1 if self._is_quiet() else 0
        return self._quiet >= LOOKS

    def _is_quiet(self) -> bool:
        before, self._heard = self._heard, self._activity.heard
        return self._heard == before and self._activity.busy < self._hands and self._is_rung_for()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            if self.look():
                log.critical("bells ring, and none is heard: this worker ends, to be started anew")
                self._bark()
                return


def is_rung_for(images: Collection[str]) -> bool:
    """Whether bells lie in the broker for rows queued for one of the images; false where that can't be told."""
    try:
        rows = pausing.unpaused(Judgement.objects.filter(state=State.QUEUED, image__in=images))
        queued = rows.order_by().values_list("image", flat=True).distinct()
        return any(doorbell.waiting(image) > 0 for image in queued)
    except Exception as error:  # the database or the broker is away: nobody hears bells then
        log.info("the watchdog could not look: %s", error)
        return False
    finally:
        connections.give_back()
