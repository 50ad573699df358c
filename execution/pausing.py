"""Pauses judging, of everything or of one problem, and resumes it.

While it is paused nothing is claimed: what comes in is taken and waits, what runs runs to its end. A pause is a row,
read by every claim. So workers need not be told: a bell that they hear finds nothing to do, and nobody rings again
until judging is resumed.
"""

from typing import TypeVar

from django.core.cache import cache
from django.db import models, transaction
from django.db.models import Count, QuerySet

from accounts.models import User
from execution import doorbell
from execution.models import Judgement, Pause
from execution.states import State
from problems.models import Problem

EVERYTHING = "all"
_CACHE_KEY = "paused"
_CACHE_SECONDS = 5  # so that a lost write shows the old state no longer than this

Row = TypeVar("Row", bound=models.Model)


def pause(problem: Problem | None, by: User | None = None) -> bool:
    """Begin no judging any more, of that problem or (None) of anything; False if it was paused already."""
    with transaction.atomic():
        is_new = not Pause.objects.filter(pk=_id(problem)).exists()
        # get_or_create would fail where somebody else pauses and resumes at the same time
        Pause.objects.bulk_create([Pause(pk=_id(problem), problem=problem, by=by)], ignore_conflicts=True)
        transaction.on_commit(_publish)
    return is_new


def resume(problem: Problem | None) -> bool:
    """Judge again, at once; False if it was not paused. A problem stays paused while everything is."""
    with transaction.atomic():
        deleted, _ = Pause.objects.filter(pk=_id(problem)).delete()
        transaction.on_commit(_publish)
        transaction.on_commit(lambda: _ring_for_all(problem))
    return bool(deleted)


def unpaused(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Of rows with a submission each, those whose judging isn't paused."""
    paused = list(Pause.objects.order_by().values_list("problem", flat=True))
    if None in paused:
        return rows.none()
    return rows.exclude(submission__problem__in=paused) if paused else rows


def is_paused(slug: str | None = None) -> bool:
    """Whether judging of the problem with that slug (None: of runs) is paused, for readers: of the last few seconds."""
    paused = cache.get(_CACHE_KEY)
    if paused is None:
        paused = _slugs()
        cache.add(_CACHE_KEY, paused, _CACHE_SECONDS)
    return None in paused or slug in paused


def _id(problem: Problem | None) -> str:
    return str(problem.pk) if problem else EVERYTHING


def _slugs() -> list[str | None]:
    return list(Pause.objects.order_by().values_list("problem__slug", flat=True))


def _publish() -> None:
    cache.set(_CACHE_KEY, _slugs(), _CACHE_SECONDS)


def _ring_for_all(problem: Problem | None) -> None:
    """A bell for every queued row that may be claimed again: bells rung meanwhile were heard in vain."""
    queued = unpaused(Judgement.objects.filter(state=State.QUEUED))
    if problem:
        queued = queued.filter(submission__problem=problem)
    for image, rows in queued.values_list("image").annotate(Count("pk")).order_by():
        doorbell.ring(image, times=rows)
