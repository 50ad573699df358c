"""Judges submissions once more, against the version of their problem that counts now.

`start` writes down which submissions: a `Rejudge` each, of which a submission has one open at most. So asking twice
changes nothing, also at the same time. `advance`, the sweeper's, feeds them to the queue, at most MAX_QUEUED at a time
and behind everybody else, and closes a rejudging whose last judgement has ended.

The old result stands until the new one is there. With a preview it stands even then: the new results wait until
`apply` makes all of them count in one step, or `cancel` leaves the old ones.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
UNFINISHED = (State.QUEUED, State.RUNNING)
_BATCH = 500


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
    with transaction.atomic():
        rejudging = Rejudging.objects.create(words=words[:MAX_WORDS], by=by, is_preview=is_preview)
        chosen = to_begin(submissions).order_by("created", "id").values_list("pk", "current")
        rejudges = [Rejudge(rejudging=rejudging, submission_id=pk, before_id=current) for pk, current in chosen]
        Rejudge.objects.bulk_create(rejudges, batch_size=_BATCH, ignore_conflicts=True)
        if not rejudging.rejudges.exists():
            transaction.set_rollback(True)
            return None
        transaction.on_commit(_feed, robust=True)
    log.info("%s: %s", rejudging, "a preview" if is_preview else "its results count")
    return rejudging


def advance() -> None:
    """Feed the queue, and close what has ended."""
    if Rejudging.objects.filter(stage=Stage.RUNNING).exists():
        _feed()
        _close_judged()
        _finish()


def apply(rejudging: Rejudging) -> None:
    """Make the results of a preview count, all in one step. Raises NotNow unless it is judged and undecided."""
    with transaction.atomic():
        _decide(rejudging, Stage.APPLIED, (Stage.JUDGED,))
        judged = rejudging.rejudges.filter(judgement__state=State.COMPLETED)
        of_submission = judged.filter(submission=OuterRef("pk")).values("judgement")
        submissions = list(judged.values_list("submission", flat=True))
        Submission.objects.filter(pk__in=judged.values("submission")).update(current=Subquery(of_submission))
        rejudging.rejudges.update(is_open=False)
        presentation.publish_ended(submissions)


def cancel(rejudging: Rejudging) -> None:
    """Judge no more of it; of a preview no result counts. What is being judged just now is judged to its end.

    Raises NotNow if it is over.
    """
    stage = Stage.DISCARDED if rejudging.is_preview else Stage.CANCELLED
    with transaction.atomic():
        _decide(rejudging, stage, (Stage.RUNNING, Stage.JUDGED))
        rejudging.rejudges.update(is_open=False)
        queued = Judgement.objects.filter(state=State.QUEUED, pk__in=rejudging.rejudges.values("judgement"))
        queued.update(state=State.FAILED, failure=CANCELLED, finished_at=timezone.now())


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
    waiting = Rejudge.objects.filter(is_open=True, judgement=None).exclude(Exists(unfinished))
    rows = pausing.unpaused(waiting).select_for_update(of=("self",)).select_related("submission")
    problems = Prefetch("submission__problem", Problem.objects.with_version_to_judge())
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


def _close_judged() -> None:
    """Without a preview there is nothing to decide about what has been judged."""
    judged = Rejudge.objects.filter(is_open=True, judgement__state__in=TERMINAL, rejudging__is_preview=False)
    judged.update(is_open=False)


def _finish() -> None:
    """Move on the rejudgings that have nothing left to judge."""
    is_open = Rejudge.objects.filter(rejudging=OuterRef("pk"), is_open=True)
    running = Rejudging.objects.filter(stage=Stage.RUNNING)
    previews = running.filter(is_preview=True).exclude(Exists(is_open.exclude(judgement__state__in=TERMINAL)))
    previews.update(stage=Stage.JUDGED)
    others = running.filter(is_preview=False).exclude(Exists(is_open))
    others.update(stage=Stage.APPLIED, finished_at=timezone.now())


def _outcome(state: str | None, verdict: str | None) -> str:
    return verdict or (State(state).label if state else "")


def _decide(rejudging: Rejudging, stage: Stage, possible: Sequence[Stage]) -> None:
    """Move it to an end stage. Raises NotNow if somebody was faster, or it isn't in one of the possible stages."""
    row = Rejudging.objects.filter(pk=rejudging.pk, stage__in=possible)
    if row.update(stage=stage, finished_at=timezone.now()) != 1:
        raise NotNow
    rejudging.refresh_from_db()
