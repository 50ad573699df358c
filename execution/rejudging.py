"""Judges submissions once more, against the version of their problem that counts now.

`start` writes down which submissions: a `Rejudge` each, of which a submission has one open at most. So asking twice
changes nothing, also at the same time, and asking again after a `start` that was cut off takes the rest. `advance`, the
sweeper's, has them fed to the queue (`execution.feeding`) and closes a rejudging whose last judgement has ended.

The old result stands until the new one is there. With a preview it stands even then: the new results wait until
`apply` makes all of them count, or `cancel` leaves the old ones.

There may be any number of submissions, and nobody is to wait for the database meanwhile: each step takes them a few at
a time, in a transaction each, and applying or cancelling ends after SETTLING_SECONDS. `advance` goes on with what was
cut off. Of a `start` it does not know how much was missing: such a rejudging is marked as cut short.
"""

import logging
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from execution import feeding, presentation
from execution.models import IS_OPEN, UNDER_WAY, Judgement, Rejudge, Rejudging, Stage, Submission
from execution.selection import to_begin
from execution.states import TERMINAL, State

log = logging.getLogger(__name__)

MAX_WORDS = 500
CANCELLED = "Cancelled with its rejudging."
ABANDONED_SECONDS = 60.0
SETTLING_SECONDS = 5.0  # a page or the sweeps wait meanwhile
_BATCH = 250  # rows of a transaction
_not_grown_since: dict[tuple[UUID, int], float] = {}  # rejudgings and their sizes, as this process has seen them


class NotNow(Exception):
    """It is decided already, or can't be decided yet."""


def start(submissions: QuerySet[Submission], words: str, by: User | None, *, is_preview: bool) -> Rejudging | None:
    """Have the submissions judged again; None if all that can be are being rejudged already."""
    chosen = list(to_begin(submissions).order_by("created", "id").values_list("pk", "current"))
    if not chosen:
        return None
    rejudging = Rejudging.objects.create(words=words[:MAX_WORDS], by=by, is_preview=is_preview, stage=Stage.PREPARING)
    for begin in range(0, len(chosen), _BATCH):
        if not _add(rejudging, chosen[begin : begin + _BATCH]):
            break
    if not rejudging.rejudges.exists():
        rejudging.delete()
        return None
    Rejudging.objects.filter(pk=rejudging.pk, stage=Stage.PREPARING).update(stage=Stage.RUNNING)
    rejudging.refresh_from_db()
    transaction.on_commit(feeding.feed, robust=True)
    log.info("%s: %s", rejudging, "a preview" if is_preview else "its results count")
    return rejudging


def advance() -> None:
    """Feed the queue, close what has ended, and go on with what was cut off."""
    under_way = Rejudging.objects.filter(stage__in=UNDER_WAY)
    if under_way.exists():
        _run_abandoned()
        feeding.feed()
        _close_judged()
        _finish()
    until = time.monotonic() + SETTLING_SECONDS
    for decided in Rejudging.objects.filter(stage__in=_ENDS):
        _settle(decided, until)


def apply(rejudging: Rejudging) -> None:
    """Make the results of a preview count; of many it is still going on when this ends.

    Raises NotNow unless it is judged and undecided.
    """
    _decide(rejudging, Stage.APPLYING, (Stage.JUDGED,))
    _settle(rejudging, time.monotonic() + SETTLING_SECONDS)


def cancel(rejudging: Rejudging) -> None:
    """Judge no more of it; of a preview no result counts. What is being judged just now is judged to its end.

    Of many it is still going on when this ends. Raises NotNow if it is over.
    """
    _decide(rejudging, Stage.CANCELLING, (*UNDER_WAY, Stage.JUDGED))
    _settle(rejudging, time.monotonic() + SETTLING_SECONDS)


def _add(rejudging: Rejudging, chosen: Sequence[tuple[UUID, UUID | None]]) -> bool:
    """Write some of the submissions down; False if it is not being prepared any more."""
    with transaction.atomic():
        if not Rejudging.objects.filter(pk=rejudging.pk, stage=Stage.PREPARING).update(stage=Stage.PREPARING):
            return False
        rejudges = [Rejudge(rejudging=rejudging, submission_id=pk, before_id=current) for pk, current in chosen]
        Rejudge.objects.bulk_create(rejudges, ignore_conflicts=True)
    return True


def _run_abandoned() -> None:
    """One whose `start` was cut off goes on with what it has: which this process hasn't seen grow for so long."""
    preparing = Rejudging.objects.filter(stage=Stage.PREPARING)
    now, sizes = time.monotonic(), set(preparing.order_by().values_list("pk", Count("rejudges")))
    for grown in _not_grown_since.keys() - sizes:
        _not_grown_since.pop(grown, None)
    for pk, size in sizes:
        is_abandoned = now - _not_grown_since.setdefault((pk, size), now) >= ABANDONED_SECONDS
        if is_abandoned and preparing.filter(pk=pk).update(stage=Stage.RUNNING, is_cut_short=True):
            log.warning("rejudging %s was cut off after %d submissions and goes on with these", pk, size)


def _close_judged() -> None:
    """Without a preview there is nothing to decide about what has been judged."""
    without = Rejudging.objects.filter(stage__in=UNDER_WAY, is_preview=False)
    judged = Rejudge.objects.filter(IS_OPEN, rejudging__in=without, judgement__state__in=TERMINAL)
    found = list(judged.order_by().values_list("pk", flat=True)[:_BATCH])  # before the transaction: it takes longer
    with transaction.atomic():
        _close_some(Rejudge.objects.filter(pk__in=found))


def _finish() -> None:
    """Move on the rejudgings that have nothing left to judge."""
    is_open = Rejudge.objects.filter(IS_OPEN, rejudging=OuterRef("pk"))
    running = Rejudging.objects.filter(stage=Stage.RUNNING)
    previews = running.filter(is_preview=True).exclude(Exists(is_open.exclude(judgement__state__in=TERMINAL)))
    _move(previews, stage=Stage.JUDGED)
    others = running.filter(is_preview=False).exclude(Exists(is_open))
    _move(others, stage=Stage.APPLIED, finished_at=timezone.now())


def _move(running: QuerySet[Rejudging], **values: Any) -> None:
    """Found first: that takes longer than others should wait for the database."""
    found = list(running.values_list("pk", flat=True))
    Rejudging.objects.filter(pk__in=found, stage=Stage.RUNNING).update(**values)


def _decide(rejudging: Rejudging, stage: Stage, possible: Sequence[Stage]) -> None:
    """Move it to its last stage but one. Raises NotNow if somebody was faster, or it isn't in a possible stage."""
    row = Rejudging.objects.filter(pk=rejudging.pk, stage__in=possible)
    if row.update(stage=stage) != 1:
        raise NotNow


def _settle(rejudging: Rejudging, until: float) -> None:
    """Do what was decided, until that moment (`time.monotonic`), and end it. Two at the same time do no harm."""
    rejudging.refresh_from_db()
    settle_some = _ENDS.get(Stage(rejudging.stage))
    if settle_some is None:  # somebody else was faster
        return
    while settle_some(rejudging) and time.monotonic() < until:
        pass
    end = Stage.APPLIED
    if rejudging.stage == Stage.CANCELLING:
        end = Stage.DISCARDED if rejudging.is_preview else Stage.CANCELLED
    is_open = Rejudge.objects.filter(IS_OPEN, rejudging=OuterRef("pk"))
    rows = Rejudging.objects.filter(pk=rejudging.pk, stage=rejudging.stage).exclude(Exists(is_open))
    rows.update(stage=end, finished_at=timezone.now())
    rejudging.refresh_from_db()


@transaction.atomic
def _apply_some(rejudging: Rejudging) -> bool:
    """Make some of the results count; False where none are left."""
    closed = _close_some(rejudging.rejudges.all())
    judged = rejudging.rejudges.filter(pk__in=closed, judgement__state=State.COMPLETED)
    submissions = list(judged.values_list("submission", flat=True))
    of_submission = rejudging.rejudges.filter(submission=OuterRef("pk")).values("judgement")
    Submission.objects.filter(pk__in=submissions).update(current=Subquery(of_submission))
    presentation.publish_ended(submissions)
    return bool(closed)


@transaction.atomic
def _cancel_some(rejudging: Rejudging) -> bool:
    """Take some out of the queue; False where none are left."""
    closed = _close_some(rejudging.rejudges.all())
    queued = Judgement.objects.filter(state=State.QUEUED, rejudges__in=closed)
    queued.update(state=State.FAILED, failure=CANCELLED, finished_at=timezone.now())
    return bool(closed)


def _close_some(rejudges: QuerySet[Rejudge]) -> list[UUID]:
    """Those that were open until now: a few of them, which are nobody else's to close.

    In an order it would read all, and without one two could wait for each other: so nobody waits, and what somebody
    else holds is left to them or to the next time.
    """
    some = rejudges.filter(IS_OPEN).select_for_update(of=("self",), skip_locked=True).order_by()
    closing = list(some.values_list("pk", flat=True)[:_BATCH])
    Rejudge.objects.filter(pk__in=closing).update(is_open=False)
    return closing


_ENDS = {Stage.APPLYING: _apply_some, Stage.CANCELLING: _cancel_some}
