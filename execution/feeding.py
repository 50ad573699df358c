"""Feeds the submissions that are to be judged once more (`execution.rejudging`) to the queue.

There may be any number of them, so they come in gradually: MAX_QUEUED wait at a time, behind everybody else. Those
whose judging is paused don't count, or they would keep all others from being fed.
"""

from collections import Counter

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch

from execution import doorbell, pausing, queueing
from execution.languages import LANGUAGES
from execution.models import IS_OPEN, UNDER_WAY, Judgement, Rejudge
from execution.states import UNFINISHED, Priority, State
from problems.models import Problem

MAX_QUEUED = 100  # rejudges that wait in the queue at a time, of all rejudgings


def replaces(judgement: Judgement) -> bool:
    """Whether its result takes the place of its submission's older one when it is there: not that of a preview.

    A first judgement has been its submission's since it was queued.
    """
    if judgement.priority != Priority.REJUDGE:
        return False
    return not Rejudge.objects.filter(judgement=judgement, rejudging__is_preview=True).exists()


def refill() -> None:
    """Feed the queue once half of it is gone, so that workers need not wait for the sweeper."""
    if _room() >= MAX_QUEUED // 2 and Rejudge.objects.filter(IS_OPEN, judgement=None).exists():
        feed()


def feed() -> None:
    """Queue those that come next, as many as there is room for, and ring for them."""
    fed: list[Judgement] = []
    if _room() > 0:
        with transaction.atomic():
            found = _next(MAX_QUEUED)  # locked: who feeds at the same time waits here, and counts those
            fed = _queue(found[: max(0, _room())])
    for image, times in Counter(judgement.image for judgement in fed).items():
        doorbell.ring(image, times=times)


def _room() -> int:
    """How many more may wait."""
    queued = Judgement.objects.filter(state=State.QUEUED, priority=Priority.REJUDGE)
    return MAX_QUEUED - pausing.unpaused(queued).count()


def _next(number: int) -> list[Rejudge]:
    """Those to feed, so many at most, locked. What is just being judged waits: its older result would come last."""
    unfinished = Judgement.objects.filter(submission=OuterRef("submission"), state__in=UNFINISHED)
    waiting = Rejudge.objects.filter(IS_OPEN, judgement=None, rejudging__stage__in=UNDER_WAY)
    rows = (
        pausing.unpaused(waiting.exclude(Exists(unfinished)))
        .select_for_update(of=("self",))
        .select_related("submission")
    )
    problems = Prefetch("submission__problem", Problem.objects.with_version_to_submit_to())
    unneeded = ("submission__files", "submission__input")
    return list(rows.defer(*unneeded).prefetch_related(problems).order_by("id")[:number])


def _queue(rejudges: list[Rejudge]) -> list[Judgement]:
    """Queue a judgement for each; those that can't be judged any more are closed."""
    for rejudge in rejudges:
        submission = rejudge.submission
        version = submission.problem and submission.problem.version
        if version and submission.language in LANGUAGES:
            rejudge.judgement = queueing.queued_judgement(submission, version, Priority.REJUDGE)
            rejudge.before_id = submission.current_id
        else:
            rejudge.is_open = False
    judgements = [rejudge.judgement for rejudge in rejudges if rejudge.judgement]
    Judgement.objects.bulk_create(judgements)
    Rejudge.objects.bulk_update(rejudges, ["judgement", "before", "is_open"])
    return judgements
