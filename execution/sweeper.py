"""Puts right what a crash, a lost message or a lost worker left behind. Idempotent: two sweepers do no harm."""

import logging
import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from execution import admission, calibration, capacity, doorbell, grading, pausing, rejudging
from execution.models import Judgement, Kind, Submission
from execution.states import State

log = logging.getLogger(__name__)

GONE_SECONDS = 300.0  # an image that no judge has for so long won't come back by itself
_missing_since: dict[str, float] = {}  # as this process has seen it
_unrenewed: dict[grading.Lease, float] = {}  # for how many seconds, likewise
_looked = -math.inf  # at the leases, the last time

DELETED_AT_ONCE = 200
CLEANING_SECONDS = 10.0  # the sweeps wait meanwhile


def sweep() -> bool:
    """Requeue what lost its worker, recount the queue, go on rejudging and calibrating, ring the missing bells.

    Whether what was lost is found again: the first and the last of these. Neither can be done without the database,
    and what else fails keeps no submission waiting, so that the site needn't be taken for unfit.
    """
    is_requeued = _attempt(_requeue_lost)
    for step in (_fail_what_nobody_can_judge, _recount, rejudging.advance, calibration.advance):
        _attempt(step)
    return _attempt(_ring_missing_bells) and is_requeued


def clean() -> None:
    """Delete old runs and the sessions that have run out, as many as CLEANING_SECONDS allow: it comes again."""
    until = time.monotonic() + CLEANING_SECONDS
    sessions = Session.objects.filter(expire_date__lt=timezone.now()).order_by()
    log.info("deleted %d old runs, %d old sessions", delete_old_runs(until), _delete(sessions, until))


def delete_old_runs(until: float = math.inf) -> int:
    """Delete runs, with their input and output, after RUN_RETENTION_HOURS; returns how many.

    Ends when there are none left, or at that moment (`time.monotonic`).
    """
    return _delete(old_runs(), until)


def old_runs() -> QuerySet[Submission]:
    """Runs that may go: what waits or runs after so long does not, as it was accepted."""
    oldest = timezone.now() - timedelta(hours=settings.RUN_RETENTION_HOURS)
    unfinished = Judgement.objects.filter(submission=OuterRef("pk"), state__in=[State.QUEUED, State.RUNNING])
    return Submission.objects.filter(~Exists(unfinished), kind=Kind.RUN, created__lt=oldest).order_by()


def _delete(rows: QuerySet[Any], until: float) -> int:
    """A few at a time, so that nobody waits long for the database."""
    deleted = 0
    while time.monotonic() < until and (some := list(rows.values_list("pk", flat=True)[:DELETED_AT_ONCE])):
        rows.model._default_manager.filter(pk__in=some).delete()
        deleted += len(some)
    return deleted


def _attempt(step: Callable[[], None]) -> bool:
    """Whether it succeeded: one step's failure is no reason to leave the others undone."""
    try:
        step()
    except Exception:
        log.exception("sweeping: %s failed", step.__name__)
        return False
    return True


def _requeue_lost() -> None:
    """What this process has seen for LEASE_SECONDS without a renewal: no two processes' clocks are compared.

    What passes between two looks counts only for a while: when the database was away for long, nobody could renew.
    """
    global _looked
    with transaction.atomic():  # on SQLite in its turn, as renewals are: while nobody can write, nothing is counted
        leases = grading.leases()
    now = time.monotonic()
    seen, _looked = min(now - _looked, settings.LEASE_SECONDS / 3), now
    for gone in set(_unrenewed).difference(leases):
        _unrenewed.pop(gone, None)
    for lease in leases:
        _unrenewed[lease] = _unrenewed.get(lease, -seen) + seen
        if _unrenewed[lease] >= settings.LEASE_SECONDS:
            grading.give_up_attempt(lease, "its worker went away")


def _fail_what_nobody_can_judge() -> None:
    """It was queued while a judge for it was there, or nothing was known; and its image isn't only being made anew."""
    now, missing = time.monotonic(), capacity.missing_images()
    for image in _missing_since.keys() - missing:
        del _missing_since[image]
    for image in missing:
        _missing_since.setdefault(image, now)
    gone = [image for image, since in _missing_since.items() if now - since >= GONE_SECONDS]
    while gone and (held := grading.claim(gone, "sweeper")):
        grading.fail(held, "Its language can't be judged here any more.")


@transaction.atomic
def _recount() -> None:
    admission.recount()


def _ring_missing_bells() -> None:
    """As many bells as queued rows that may be claimed, for each image."""
    queued = pausing.unpaused(Judgement.objects.filter(state=State.QUEUED))
    for image, rows in queued.values_list("image").annotate(Count("pk")).order_by():
        try:
            missing = rows - doorbell.waiting(image)
        except doorbell.Unknown as error:
            log.warning("cannot count the bells for %s: %s", image, error)
            continue
        if missing > 0:
            doorbell.ring(image, times=missing)
