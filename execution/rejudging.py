"""Judges submissions once more, against the version of their problem that counts now.

`start` writes down which submissions: a `Rejudge` each, of which a submission has one open at most. So asking twice
changes nothing, also at the same time, and asking again after a `start` that was cut off takes the rest. `advance`, the
sweeper's, feeds them to the queue, at most MAX_QUEUED at a time and behind everybody else, and closes a rejudging whose
last judgement has ended.

The old result stands until the new one is there. With a preview it stands even then: the new results wait until
`apply` makes all of them count, or `cancel` leaves the old ones.

There may be any number of submissions, and nobody is to wait for the database meanwhile: each step takes them a few at
a time, in a transaction each. A step that was cut off is gone on with by `advance`.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from execution import doorbell, intake, pausing, presentation
from execution.languages import LANGUAGES
from execution.listing import Filters
from execution.models import Judgement, Kind, Rejudge, Rejudging, Stage, Submission
from execution.states import TERMINAL, Priority, State
from problems.models import Problem

log = logging.getLogger(__name__)

MAX_QUEUED = 100  # rejudges that wait in the queue at a time, of all rejudgings
MAX_WORDS = 500
CANCELLED = "Cancelled with its rejudging."
UNDER_WAY = (Stage.PREPARING, Stage.RUNNING)
UNFINISHED = (State.QUEUED, State.RUNNING)
_BATCH = 250  # rows of a transaction
_ABANDONED = timedelta(seconds=60)


class NotNow(Exception):
    """It is decided already, or can't be decided yet."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which submissions: those that are all of this; what is empty is left open."""

    ids: Sequence[UUID] = ()
    problem: str = ""  # its slug
    user: str = ""
    language: str = ""
    verdict: str = ""  # or "failed", a state
    since: datetime | None = None
    until: datetime | None = None

    @property
    def words(self) -> str:
        """Like "problem aplusb, verdict WA"; empty where everything is left open."""
        named = {
            "submission": " ".join(str(pk) for pk in self.ids),
            "problem": self.problem,
            "user": self.user,
            "language": self.language,
            "verdict": self.verdict,
            "since": self.since and f"{self.since:%Y-%m-%d %H:%M}",
            "until": self.until and f"{self.until:%Y-%m-%d %H:%M}",
        }
        return ", ".join(f"{name} {value}" for name, value in named.items() if value)

    def submissions(self) -> QuerySet[Submission]:
        """They. What never left the queue (cancelled, dropped) is among them only where it is named by its id."""
        rows = Filters(self.problem, self.user, self.verdict).apply(Submission.objects.all())
        if self.language:
            rows = rows.filter(language=self.language)
        if self.since:
            rows = rows.filter(created__gte=self.since)
        if self.until:
            rows = rows.filter(created__lt=self.until)
        if self.ids:
            return rows.filter(pk__in=self.ids)
        return rows.exclude(current__state=State.FAILED, current__started_at=None)


@dataclass(frozen=True, slots=True)
class Change:
    """How many submissions went from one outcome to another, in words; `after` is empty where there is none yet."""

    before: str
    after: str
    count: int
    is_judged: bool
    is_change: bool


def to_begin(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those that `start` would take: what is being rejudged already is left alone."""
    return _judgeable(submissions).exclude(Exists(Rejudge.objects.filter(submission=OuterRef("pk"), is_open=True)))


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
    transaction.on_commit(_feed, robust=True)
    log.info("%s: %s", rejudging, "a preview" if is_preview else "its results count")
    return rejudging


def advance() -> None:
    """Feed the queue, close what has ended, and go on with what was cut off."""
    under_way = Rejudging.objects.filter(stage__in=UNDER_WAY)
    if under_way.exists():
        _run_abandoned()
        _feed()
        _close_judged()
        _finish()
    for decided in Rejudging.objects.filter(stage__in=_ENDS):
        _settle(decided)


def refill() -> None:
    """Feed the queue once half of it is gone, so that workers need not wait for the sweeper."""
    queued = Judgement.objects.filter(state=State.QUEUED, priority=Priority.REJUDGE)
    if queued.count() <= MAX_QUEUED // 2 and Rejudge.objects.filter(is_open=True, judgement=None).exists():
        _feed()


def apply(rejudging: Rejudging) -> None:
    """Make the results of a preview count. Raises NotNow unless it is judged and undecided."""
    _decide(rejudging, Stage.APPLYING, (Stage.JUDGED,))
    _settle(rejudging)


def cancel(rejudging: Rejudging) -> None:
    """Judge no more of it; of a preview no result counts. What is being judged just now is judged to its end.

    Raises NotNow if it is over.
    """
    _decide(rejudging, Stage.CANCELLING, (*UNDER_WAY, Stage.JUDGED))
    _settle(rejudging)


def counts(judgement: Judgement) -> bool:
    """Whether its result is its submission's as soon as it is there: not that of a preview."""
    if judgement.priority != Priority.REJUDGE:
        return True
    return not Rejudge.objects.filter(judgement=judgement, rejudging__is_preview=True).exists()


def changed(rejudges: QuerySet[Rejudge]) -> QuerySet[Rejudge]:
    """Those whose new verdict is another one than before."""
    other = Q(before=None) | ~Q(judgement__verdict=F("before__verdict"))
    return rejudges.filter(other, judgement__state=State.COMPLETED)


def changes_of(row: Rejudging) -> list[Change]:
    """All submissions of a rejudging, counted by old and new outcome, the most frequent first."""
    groups = row.rejudges.order_by().values_list(
        "before__state", "before__verdict", "judgement__state", "judgement__verdict"
    )
    changes = [
        Change(
            before=_outcome(old_state, old_verdict),
            after=_outcome(state, verdict),
            count=count,
            is_judged=state in TERMINAL,
            is_change=state == State.COMPLETED and verdict != old_verdict,
        )
        for old_state, old_verdict, state, verdict, count in groups.annotate(Count("pk"))
    ]
    return sorted(changes, key=lambda change: (not change.is_change, -change.count, change.before, change.after))


def _add(rejudging: Rejudging, chosen: Sequence[tuple[UUID, UUID | None]]) -> bool:
    """Write some of the submissions down; False if it is not being prepared any more."""
    with transaction.atomic():
        if not Rejudging.objects.filter(pk=rejudging.pk, stage=Stage.PREPARING).update(stage=Stage.PREPARING):
            return False
        rejudges = [Rejudge(rejudging=rejudging, submission_id=pk, before_id=current) for pk, current in chosen]
        Rejudge.objects.bulk_create(rejudges, ignore_conflicts=True)
    return True


def _judgeable(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those that can be judged, by a version that they are not about to be judged by anyway."""
    can_be_judged = submissions.filter(
        kind=Kind.SUBMISSION, problem__version__isnull=False, language__in=list(LANGUAGES)
    )
    return can_be_judged.exclude(current__state__in=UNFINISHED, current__version=F("problem__version"))


def _feed() -> None:
    """Queue those that come next, as many as there is room for, and ring for them."""
    with transaction.atomic():
        queued = Judgement.objects.filter(state=State.QUEUED, priority=Priority.REJUDGE)
        room = MAX_QUEUED - pausing.unpaused(queued).count()
        fed = _queue(_next(room)) if room > 0 else []
    for image, times in Counter(judgement.image for judgement in fed).items():
        doorbell.ring(image, times=times)


def _next(room: int) -> list[Rejudge]:
    """Those to feed, locked. A submission that is just being judged has to wait: the older result would come last."""
    unfinished = Judgement.objects.filter(submission=OuterRef("submission"), state__in=UNFINISHED)
    waiting = Rejudge.objects.filter(is_open=True, judgement=None, rejudging__stage__in=UNDER_WAY)
    rows = (
        pausing.unpaused(waiting.exclude(Exists(unfinished)))
        .select_for_update(of=("self",))
        .select_related("submission")
    )
    problems = Prefetch("submission__problem", Problem.objects.with_version_to_submit_to())
    unneeded = ("submission__files", "submission__input")
    return list(rows.defer(*unneeded).prefetch_related(problems).order_by("id")[:room])


def _queue(rejudges: list[Rejudge]) -> list[Judgement]:
    """Queue a judgement for each; those that can't be judged any more are closed."""
    for rejudge in rejudges:
        submission = rejudge.submission
        version = submission.problem and submission.problem.version
        if version and submission.language in LANGUAGES:
            rejudge.judgement = intake.queued_judgement(submission, version, Priority.REJUDGE)
            rejudge.before_id = submission.current_id
        else:
            rejudge.is_open = False
    judgements = [rejudge.judgement for rejudge in rejudges if rejudge.judgement]
    Judgement.objects.bulk_create(judgements)
    Rejudge.objects.bulk_update(rejudges, ["judgement", "before", "is_open"])
    return judgements


def _run_abandoned() -> None:
    """One whose `start` was cut off goes on with what it has."""
    since = timezone.now() - _ABANDONED
    added_since = Rejudge.objects.filter(
        rejudging=OuterRef("pk"), pk__gte=UUID(int=int(since.timestamp() * 1000) << 80)
    )
    abandoned = Rejudging.objects.filter(stage=Stage.PREPARING, created__lt=since).exclude(Exists(added_since))
    abandoned.update(stage=Stage.RUNNING)


def _close_judged() -> None:
    """Without a preview there is nothing to decide about what has been judged."""
    without = Rejudging.objects.filter(stage__in=UNDER_WAY, is_preview=False)
    judged = Rejudge.objects.filter(is_open=True, rejudging__in=without, judgement__state__in=TERMINAL)
    closing = list(judged.values_list("pk", flat=True)[:_BATCH])
    Rejudge.objects.filter(pk__in=closing).update(is_open=False)


def _finish() -> None:
    """Move on the rejudgings that have nothing left to judge."""
    is_open = Rejudge.objects.filter(rejudging=OuterRef("pk"), is_open=True)
    running = Rejudging.objects.filter(stage=Stage.RUNNING)
    previews = running.filter(is_preview=True).exclude(Exists(is_open.exclude(judgement__state__in=TERMINAL)))
    _move(previews, stage=Stage.JUDGED)
    others = running.filter(is_preview=False).exclude(Exists(is_open))
    _move(others, stage=Stage.APPLIED, finished_at=timezone.now())


def _move(running: QuerySet[Rejudging], **values: Any) -> None:
    """Found first: that takes longer than others should wait for the database."""
    found = list(running.values_list("pk", flat=True))
    Rejudging.objects.filter(pk__in=found, stage=Stage.RUNNING).update(**values)


def _outcome(state: str | None, verdict: str | None) -> str:
    return verdict or (State(state).label if state else "")


def _decide(rejudging: Rejudging, stage: Stage, possible: Sequence[Stage]) -> None:
    """Move it to its last stage but one. Raises NotNow if somebody was faster, or it isn't in a possible stage."""
    row = Rejudging.objects.filter(pk=rejudging.pk, stage__in=possible)
    if row.update(stage=stage) != 1:
        raise NotNow


def _settle(rejudging: Rejudging) -> None:
    """Do what was decided, and end it. Two at the same time do no harm."""
    rejudging.refresh_from_db()
    settle_some = _ENDS.get(Stage(rejudging.stage))
    if settle_some is None:  # somebody else was faster
        return
    while settle_some(rejudging):
        pass
    end = Stage.APPLIED
    if rejudging.stage == Stage.CANCELLING:
        end = Stage.DISCARDED if rejudging.is_preview else Stage.CANCELLED
    is_open = Rejudge.objects.filter(rejudging=OuterRef("pk"), is_open=True)
    rows = Rejudging.objects.filter(pk=rejudging.pk, stage=rejudging.stage).exclude(Exists(is_open))
    rows.update(stage=end, finished_at=timezone.now())
    rejudging.refresh_from_db()


@transaction.atomic
def _apply_some(rejudging: Rejudging) -> bool:
    """Make some of the results count; False where none are left."""
    closed = _close_some(rejudging)
    judged = rejudging.rejudges.filter(pk__in=closed, judgement__state=State.COMPLETED)
    submissions = list(judged.values_list("submission", flat=True))
    of_submission = rejudging.rejudges.filter(submission=OuterRef("pk")).values("judgement")
    Submission.objects.filter(pk__in=submissions).update(current=Subquery(of_submission))
    presentation.publish_ended(submissions)
    return bool(closed)


@transaction.atomic
def _cancel_some(rejudging: Rejudging) -> bool:
    """Take some out of the queue; False where none are left."""
    closed = _close_some(rejudging)
    queued = Judgement.objects.filter(state=State.QUEUED, rejudges__in=closed)
    queued.update(state=State.FAILED, failure=CANCELLED, finished_at=timezone.now())
    return bool(closed)


def _close_some(rejudging: Rejudging) -> list[UUID]:
    """Those that were open until now: a few of them, which are nobody else's to close."""
    some = rejudging.rejudges.filter(is_open=True).select_for_update().order_by()  # in an order it would read all
    closing = list(some.values_list("pk", flat=True)[:_BATCH])
    rejudging.rejudges.filter(pk__in=closing).update(is_open=False)
    return closing


_ENDS = {Stage.APPLYING: _apply_some, Stage.CANCELLING: _cancel_some}
