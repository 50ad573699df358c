"""Where in the queue a judgement stands, as its sender is told."""

from uuid import UUID

from django.core.cache import cache
from django.db.models import Q

from execution.models import Judgement
from execution.states import State

_SECONDS = 2  # as long as an answer may be old


def place_of(judgement_id: UUID) -> int | None:
    """1 for the next one; None where it isn't queued. Counted are those that a worker of its image takes before it by
    priority and age; who has nothing running may still overtake (`execution.grading`)."""
    key = f"place:{judgement_id}"
    known: int | None = cache.get(key)
    if known is not None:
        return known
    place = _count(judgement_id)
    if place is not None:
        cache.set(key, place, _SECONDS)
    return place


def _count(judgement_id: UUID) -> int | None:
    queued = Judgement.objects.filter(state=State.QUEUED)
    row = queued.filter(pk=judgement_id).values("image", "priority", "queued_at").first()
    if row is None:
        return None
    older = Q(queued_at__lt=row["queued_at"]) | Q(queued_at=row["queued_at"], pk__lt=judgement_id)
    before = Q(priority__lt=row["priority"]) | Q(priority=row["priority"]) & older
    return queued.filter(before, image=row["image"]).count() + 1
