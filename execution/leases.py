"""Keeps the leases of what a worker is judging, from one thread, and for no longer than each may take."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from execution import grading
from execution.grading import Claim
from judge.web import connections

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0  # after a failure: the sweeper may be counting


class LeaseKeeper:
    """Renews each held claim every `interval` seconds, or sooner after a failure, until its budget is used up.

    A claim past its budget is left to run out: whoever is stuck loses the row, and its late result is refused.
    """

    def __init__(self, interval: float, on_beat: Callable[[], None]) -> None:
        self._interval = interval
        self._on_beat = on_beat
        self._deadlines: dict[Claim, float] = {}
        self._lost: set[Claim] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2 * self._interval)

    @contextmanager
    def holding(self, claim: Claim, budget_seconds: float) -> Iterator[Callable[[], bool]]:
        """Keep the claim meanwhile; yields a function that says whether it is still held, and within its budget."""
        deadline = time.monotonic() + budget_seconds
        with self._lock:
            self._deadlines[claim] = deadline
        try:
            yield lambda: claim not in self._lost and time.monotonic() < deadline
        finally:
            with self._lock:
                self._deadlines.pop(claim, None)
                self._lost.discard(claim)

    def _keep(self) -> None:
        pause = self._interval
        while not self._stopping.wait(pause):
            pause = self._interval if self._beat() else min(self._interval, RETRY_SECONDS)

    def _beat(self) -> bool:
        """Tell that this worker is there, then renew each claim; whether nothing failed."""
        results = [_attempt(self._on_beat)]
        results += [_attempt(partial(self._renew, claim)) for claim in self._due()]
        return all(results)

    def _due(self) -> list[Claim]:
        now = time.monotonic()
        with self._lock:
            return [claim for claim, deadline in self._deadlines.items() if now < deadline]

    def _renew(self, claim: Claim) -> None:
        """One that is not held any more is lost, or has ended just now: whoever judges it finds out which."""
        if not grading.renew(claim):
            with self._lock:
                self._lost |= {claim} & self._deadlines.keys()


def _attempt(act: Callable[[], None]) -> bool:
    """Whether it succeeded. Whatever it raises: without this thread the worker would lose all it does."""
    try:
        act()
    except Exception:
        log.exception("could not renew a lease, or tell that this worker is there; trying again")
        return False
    finally:
        connections.give_back()
    return True
