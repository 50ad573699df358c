"""A judge worker: one process with a sandbox pool, as many threads as may judge at once, and one lease keeper."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from functools import partial

from django.conf import settings

from execution import capacity, doorbell, grading
from execution.capacity import WorkerStat
from execution.compilation import Compiler
from execution.engine import judge
from execution.grading import Claim
from execution.jobs import budget_seconds, job_of
from execution.leases import LeaseKeeper
from execution.pace import Pace
from execution.sandbox.interface import ImageMissing, SandboxError, SandboxPool, SandboxUnavailable
from execution.watchdog import Activity, Watchdog, is_rung_for
from judge.web import connections, request_id

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0  # while no sandbox can be had
DRAIN_SECONDS = 5.0  # what runs when the worker is told to stop may end within this


class Worker:
    """Judges when it is rung for (`attend`), from any number of threads.

    `lost` is told of an image that there was, and isn't any more.
    """

    def __init__(
        self,
        pool: SandboxPool,
        compiler: Compiler,
        images: Collection[str] = (),
        lost: Callable[[str], None] = lambda image: None,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._pool = pool
        self._judging = partial(judge, pool, compiler)
        self._images = frozenset(images)
        self._lost = lost
        self._missing: frozenset[str] = frozenset()
        self._keeper = LeaseKeeper(settings.LEASE_SECONDS / 3, self.announce)
        self._activity = Activity()
        self._pace = Pace(settings.WORKER_RATE_LIMIT)
        self._claiming = threading.Lock()
        self._heard_in_vain = False  # perhaps what could not be claimed then can be when something ends
        self._stopping = threading.Event()
        self._aborting = False

    def start(self) -> None:
        self._keeper.start()
        self.announce()

    def watch(self, bark: Callable[[], object]) -> Watchdog:
        """Calls `bark` if this worker goes deaf; not begun yet."""
        return Watchdog(self._activity, settings.WORKER_CONCURRENCY, lambda: is_rung_for(self._images), bark)

    def take_up(self, image: str) -> None:
        """Judge what needs this image, too."""
        self._images, self._missing = self._images | {image}, self._missing - {image}
        self.announce()

    def lack(self, image: str) -> None:
        """Tell that what needs this image can't be judged here."""
        self._missing |= {image}

    def _lose(self, image: str) -> None:
        """It was removed, or is older than what it is to be made of: judge it no more, until it is found again."""
        if image in self._images:
            self._images -= {image}
            self.lack(image)
            self.announce()
            self._lost(image)

    def announce(self) -> None:
        """Tell that this worker is there, what it judges, and how its pool stands."""
        capacity.announce(self.stat())

    def stat(self) -> WorkerStat:
        """What there is to tell."""
        pool = asdict(self._pool.stat())
        images, missing = sorted(self._images), sorted(self._missing)
        return WorkerStat(self.name, "judge", images, settings.WORKER_CONCURRENCY, missing=missing, **pool)

    @property
    def is_draining(self) -> bool:
        return self._stopping.is_set()

    def drain(self) -> None:
        """Begin no more; what still runs after DRAIN_SECONDS, or when told again, is cut off and handed back."""
        timer = threading.Timer(0 if self.is_draining else DRAIN_SECONDS, self._abort)
        self._stopping.set()
        timer.daemon = True
        timer.start()

    def leave(self) -> None:
        """Drain, wait until nothing runs, or should not any more, and close."""
        self.drain()
        deadline = time.monotonic() + 2 * DRAIN_SECONDS
        while self._activity.busy and time.monotonic() < deadline:
            time.sleep(0.05)
        self.close()

    def close(self) -> None:
        """Destroy the sandboxes and go."""
        self._keeper.stop()
        self._pool.close()
        capacity.retire(self.name)

    def attend(self) -> None:
        """Somebody rang: judge as long as something waits, or until something goes wrong.

        Not only once: bells are lost, and one is heard in vain while its row's sender has too much running here: what
        may be claimed when that ends is not rung for again.
        """
        with self._activity.attending():
            while (held := self._claim()) and self._judge(held) and self._may_be_more(held):
                connections.give_back()

    def judge_one(self) -> bool:
        """Judge the best queued submission, no sooner than WORKER_RATE_LIMIT allows; whether a verdict came of it."""
        held = self._claim()
        return held is not None and self._judge(held)

    def _claim(self) -> Claim | None:
        if not self._pace.wait(self._stopping):
            return None
        with self._claiming:
            held = grading.claim(self._images, self.name, settings.WORKER_CONCURRENCY)
            if held is None:  # only while all hands are busy is anybody's row held back
                self._heard_in_vain = 1 < settings.WORKER_CONCURRENCY <= self._activity.busy
        if held is None:
            self._pace.give_back()
        return held

    def _may_be_more(self, held: Claim) -> bool:
        """Whether to look for more without being rung for: when that was claimed, or since, something was left."""
        with self._claiming:
            return not held.is_last or self._heard_in_vain

    def _judge(self, held: Claim) -> bool:
        with self._keeper.holding(held, grading.AWAY_SECONDS):
            judgement = grading.load(held)
        with request_id.resumed(judgement.request_id):
            try:
                job = job_of(judgement)
                with self._keeper.holding(held, budget_seconds(job)) as still_mine:
                    grading.grade(held, judgement, job, self._judging, still_mine)
            except Exception as error:
                self._after_failure(held, judgement.image, error)
                doorbell.ring(judgement.image)
                return False
        return True

    def _after_failure(self, held: Claim, image: str, error: Exception) -> None:
        """No verdict came of it: give the row back, or up."""
        match error:
            case ImageMissing():
                log.warning("judgement %s: %s", held.id, error)
                grading.hand_back(held)
                self._lose(image)
            case SandboxUnavailable():
                log.warning("no sandbox for judgement %s: %s", held.id, error)
                self._stopping.wait(PAUSE_SECONDS)  # still held, so that the others try something else meanwhile
                grading.hand_back(held)
            case SandboxError() if self._aborting:
                grading.hand_back(held)
            case SandboxError():
                log.warning("the sandbox of judgement %s failed: %s", held.id, error)
                if not grading.give_up_attempt(held, "the sandbox failed"):
                    log.warning("judgement %s is not held any more", held.id)
            case grading.ClaimLost():  # if somebody else has it, this changes nothing
                log.warning("judgement %s is not held any more, or took too long in all", held.id)
                grading.give_up_attempt(held, "judging took too long in all")
            case _:
                log.error("judgement %s could not be judged", held.id, exc_info=error)
                grading.give_up_attempt(held, "an internal error")

    def _abort(self) -> None:
        self._aborting = True
        self._pool.abort()


_current: list[Worker] = []


def install(worker: Worker) -> None:
    """Make it this process's worker, the one that bells reach."""
    _current[:] = [worker]


def current() -> Worker:
    """This process's worker. Raises RuntimeError where there is none: bells are for `manage.py judge_worker`."""
    if not _current:
        raise RuntimeError("this process judges nothing: start workers with `manage.py judge_worker`")
    return _current[0]
