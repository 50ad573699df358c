"""Keeps the leases of what a worker is judging, from one thread, and for no longer than each may take."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from execution import grading
from execution.grading import Claim
from judge.web import connections

log = logging.getLogger(__name__)


class LeaseKeeper:
    """Renews each held claim every `interval` seconds until its budget is used up.

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
        while not self._stopping.wait(self._interval):
            try:
                self._renew_all()
                self._on_beat()
            except Exception:  # whatever it is, without this thread the worker would lose all it does
                log.exception("could not renew the leases; trying again")
            finally:
                connections.give_back()

    def _renew_all(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = [claim for claim, deadline in self._deadlines.items() if now < deadline]
        for claim in due:
            if not grading.renew(claim):
                log.warning("lost the lease of judgement %s", claim.id)
                with self._lock:
                    self._lost |= {claim} & self._deadlines.keys()
