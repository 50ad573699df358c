"""Who may add to the queue, how often, and how much: the checks between a valid submission and its row.

`Sender` → `check_rate` (per minute) → `check_open` (disk, paused) → `place_for` (queued per user, queued in all).
The counter row is moved by a conditional UPDATE before anything else in its transaction: that makes the bound exact
under parallel posts, serialises the senders, and, being everybody's first lock, can't deadlock. So everybody waits for
who has it. Django takes longer to write a statement than the database to do what it says: what is said in that
transaction is written before it, where that is easily done.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated

from accounts.models import User
from execution import disk, metrics, presentation
from execution.access import Viewer
from execution.models import Judgement, Pause, QueueCounter
from execution.states import ADMITTED, State
from judge.web import rates
from judge.web.address import client_address
from judge.web.errors import Busy, TooManyRequests
from judge.web.rates import Usage
from problems.models import Problem

log = logging.getLogger(__name__)

COUNTER = "admitted"
NO_ROOM_SECONDS = 60
RETRY_SECONDS = 5  # a queue moves on within seconds
_MOVE = "UPDATE execution_queuecounter SET queued = queued + %s WHERE id = %s AND queued + %s >= 0"
DROPPED = "Dropped: the queue was full and newer submissions came in. Please submit again."


@dataclass(frozen=True)
class Sender(Viewer):
    """Who sends: a user, or, where the setting allows it, a session; and from which address."""

    address: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The sender of `request`. Raises NotAuthenticated where nobody is signed in and that isn't enough."""
        address = client_address(request)
        if isinstance(request.user, User):
            return cls(request.user, "", address)
        if not settings.ALLOW_ANONYMOUS:
            raise NotAuthenticated
        if not request.session.session_key:
            request.session.create()
        return cls(None, request.session.session_key or "", address)

    @property
    def key(self) -> str:
        return f"user:{self.user.pk}" if self.user else f"ip:{self.address}"


def check_rate(sender: Sender) -> None:
    """Count this attempt. Raises TooManyRequests past one of the limits. Without Redis everybody passes.

    Of an address are counted those whose senders were within their own limit: one alone can't use up the others'.
    """
    _check(rates.count("submissions", sender.key, settings.SUBMISSIONS_PER_MINUTE), "You may")
    if sender.address:
        limit = settings.SUBMISSIONS_PER_MINUTE_PER_ADDRESS
        _check(rates.count("submissions", f"address:{sender.address}", limit), "All at your address together may")


def _check(usage: Usage | None, who_may: str) -> None:
    if usage is not None and usage.is_exceeded:
        metrics.refused("rate")
        wait = usage.seconds
        raise TooManyRequests(f"{who_may} submit {usage.limit} times a minute. Wait {wait} seconds.", wait=wait)


def check_open(problem: Problem | None) -> None:
    """Raises Busy where nothing more is taken: in all, or of what is sent to `problem` (None: a run).

    The disk is nearly full; or judging of the problem is paused, and what waits for such problems has half of the
    places (some more, where many post at once: it is looked at before the transaction, which is kept short).
    """
    if disk.is_short():
        metrics.refused("disk_full")
        raise Busy("The site takes no submissions just now. Try again later.", wait=NO_ROOM_SECONDS)
    if problem and _too_many_paused(problem):
        metrics.refused("paused")
        raise Busy("Judging of this problem is paused, and many wait for it. Try again later.", wait=NO_ROOM_SECONDS)


def place_for(sender: Sender) -> Callable[[], None]:
    """What takes one of the queue's places, to be called first in the transaction that writes the row.

    It raises TooManyRequests where the sender has too many queued, Busy where the queue is full.
    """
    return partial(_take_place, _has_too_many(sender))


def _take_place(has_too_many: Callable[[], bool]) -> None:
    has_room = _count(+1, below=settings.QUEUE_LIMIT)
    if not has_room:
        _count(0)  # the lock, all the same
    if has_too_many():
        limit = settings.QUEUE_LIMIT_PER_USER
        metrics.refused("own_queue_full")
        raise TooManyRequests(f"You have {limit} submissions waiting already.", wait=RETRY_SECONDS)
    if not has_room:
        if settings.QUEUE_OVERFLOW == "reject" or not _drop_oldest():
            metrics.refused("queue_full")
            raise Busy("The queue is full just now. Try again in a moment.", wait=RETRY_SECONDS)
        _count(+1)


def give_place_back() -> None:
    """One admitted judgement is no longer queued; first in the transaction that moves it."""
    _count(-1)


def take_place_again() -> None:
    """An admitted judgement is queued once more; it was accepted before, so no bound applies."""
    _count(+1)


def recount() -> None:
    """Set the counter to what the rows say; within a transaction."""
    _count(0)  # the lock that every mover takes first
    queued = Judgement.objects.filter(state=State.QUEUED, priority__in=ADMITTED).count()
    QueueCounter.objects.filter(pk=COUNTER).update(queued=queued)


def _count(step: int, below: int | None = None) -> bool:
    """Move the counter by `step`, if it is under `below`; whether it moved. It never falls under 0."""
    bound = "" if below is None else " AND queued < %s"
    values: list[int | str] = [step, COUNTER, step, *([] if below is None else [below])]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE + bound, values)
        if cursor.rowcount:
            return True
    if QueueCounter.objects.get_or_create(pk=COUNTER)[1]:
        return _count(step, below)
    return False


def _has_too_many(sender: Sender) -> Callable[[], bool]:
    """What asks whether the sender has as many queued as may be."""
    queued = Judgement.objects.filter(state=State.QUEUED, priority__in=ADMITTED).order_by()
    own = (
        queued.filter(submission__owner=sender.user)
        if sender.user
        else queued.filter(submission__session=sender.session)
    )
    statement, values = own.values("pk")[: settings.QUEUE_LIMIT_PER_USER].query.sql_with_params()

    def ask() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return len(cursor.fetchall()) >= settings.QUEUE_LIMIT_PER_USER

    return ask


def _too_many_paused(problem: Problem) -> bool:
    """What is paused doesn't move on: it may not take all places from what is judged."""
    paused = list(Pause.objects.filter(problem__isnull=False).values_list("problem", flat=True))
    if problem.pk not in paused:
        return False
    queued = Judgement.objects.filter(state=State.QUEUED, priority__in=ADMITTED, submission__problem__in=paused)
    return queued.count() >= (settings.QUEUE_LIMIT + 1) // 2


def _drop_oldest() -> bool:
    """Make room: fail the oldest queued judgement, visibly. False if there was none to drop."""
    queued = Judgement.objects.filter(state=State.QUEUED, priority__in=ADMITTED)
    oldest = queued.order_by("queued_at", "id").first()
    if oldest is None:
        return False
    give_place_back()
    moved = queued.filter(pk=oldest.pk).update(state=State.FAILED, failure=DROPPED, finished_at=timezone.now())
    presentation.publish(oldest.submission_id)
    metrics.refused("dropped")
    log.warning("dropped the oldest of a full queue: judgement %s", oldest.pk)
    return bool(moved)
