"""Claims a queued judgement, has it judged, stores what came of it.

Every move is one conditional UPDATE on the state, and on `Claim`, the proof of ownership: a worker that lost its row
(its lease ran out, somebody else claimed it) finds no row to update, and its late result is dropped. `attempt` counts
the claims that came to something: handing a row back unjudged takes its count back too, so that two claims may have the
same number; the moment of the claim tells them apart.

A move out of a claim, and the loading of what was claimed, wait for a database that is away. If it had been made and
only the answer was lost, the row is not held any more: made again, it changes nothing, whoever has the row by then.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone

from execution import admission, feeding, jury, metrics, pausing, presentation
from execution.engine import GoOn, Job, Outcome, TestOutcome, stop_at_a_limit
from execution.jobs import jury_program
from execution.models import Judgement, Kind, Submission
from execution.states import ADMITTED, Priority, State
from execution.verdicts import Verdict, overall
from judge.web import connections
from problems.models import NOT_FOR_JUDGING

log = logging.getLogger(__name__)

KEPT_OUTPUT_BYTES = 4096  # of what a program printed on a sample
PATIENCE_SECONDS = 60  # with a slow program whose verdict is known
AWAY_SECONDS = 60.0  # so long a database that is away is waited for
KEPT_RUN_BYTES = 64 * 1024  # of what a run printed


# Judges a job, and goes on from test to test as long as it is told to: `execution.engine.judge` with its sandboxes.
Judge = Callable[[Job, GoOn], Outcome]


@dataclass(frozen=True, slots=True)
class Claim:
    """A running judgement of a submission, held by one worker for one attempt."""

    id: UUID
    attempt: int
    since: datetime | None  # by the holder's clock: to be compared for equality only
    submission: UUID
    priority: int
    is_last: bool = field(default=False, compare=False, kw_only=True)  # nothing else could be claimed

    def row(self) -> QuerySet[Judgement]:
        """The row, as long as it is held."""
        running = Judgement.objects.filter(pk=self.id, state=State.RUNNING)
        return running.filter(attempt=self.attempt, started_at=self.since)


@dataclass(frozen=True, slots=True)
class Lease(Claim):
    """A claim as last renewed. If its holder renews it, it is none any more."""

    until: datetime | None  # likewise

    def row(self) -> QuerySet[Judgement]:
        return Claim.row(self).filter(lease_until=self.until)


class ClaimLost(Exception):
    """It is not held any more, or not within its budget: what is known of it so far is no result."""


def claim(images: Collection[str], worker: str, slots: int = 1) -> Claim | None:
    """Take the best queued judgement that a worker with these images, which judges so many at once, may judge.

    The best priority first; then whoever has nothing running; then the oldest. None where there is none, or what there
    is is paused, or is its sender's who holds all slots of this worker but the last. Claims of one worker must not be
    made at the same time: that bound would not hold.
    """
    while best := list(_claimable(images, worker, slots).only("attempt", "priority", "submission")[:2]):
        if held := _take(best[0], worker, is_last=len(best) == 1):
            return held
    return None


@connections.patient(AWAY_SECONDS)
def load(held: Claim) -> Judgement:
    """The claimed judgement with all that judging it needs; its submission's readers see that it runs."""
    unneeded = [f"version__{name}" for name in NOT_FOR_JUDGING]  # a jury program's entry is loaded when asked for
    rows = Judgement.objects.select_related("submission__problem", "version").defer(*unneeded)
    judgement = rows.get(pk=held.id)
    presentation.show(judgement)
    return judgement


def grade(held: Claim, judgement: Judgement, job: Job, judge: Judge, still_mine: Callable[[], bool]) -> None:
    """Judge what was claimed and store the result. Raises ClaimLost, or SandboxError: the claim is then still held."""
    go_on = _go_on(judgement, job, still_mine)
    connections.give_back()  # judging takes seconds
    _complete(held, judgement, job, judge(job, go_on))


@transaction.atomic  # which on SQLite has its turn; a single statement has not
def renew(held: Claim) -> bool:
    """Prolong the lease; False if the claim is lost."""
    return held.row().update(lease_until=_lease_end()) == 1


def hand_back(held: Claim) -> None:
    """Queue it again, as if it had never been claimed."""
    _requeue(held, attempt=held.attempt - 1)


def give_up_attempt(held: Claim, why: str) -> bool:
    """This attempt failed, or its lease ran out: queue it again, or fail it if it was the last. False if it isn't held
    any more."""
    if held.attempt < settings.MAX_ATTEMPTS:
        if not _requeue(held, attempt=held.attempt):
            return False
        log.warning("judgement %s is queued again after attempt %d: %s", held.id, held.attempt, why)
    elif not fail(held, f"Gave up after {held.attempt} attempts: {why}. This is our fault, not your program's."):
        return False
    metrics.attempt_lost(why)
    return True


def fail(held: Claim, why: str) -> bool:
    """It can't be judged, and trying again would not help. False if it isn't held any more."""
    if not _end(held, state=State.FAILED, failure=why[:500]):
        return False
    log.error("judgement %s failed: %s", held.id, why)
    metrics.failed()
    return True


def leases() -> list[Lease]:
    """All that are held, by workers that live or don't."""
    rows = Judgement.objects.filter(state=State.RUNNING)
    known = ("pk", "attempt", "started_at", "submission", "priority", "lease_until")
    return [Lease(*row) for row in rows.values_list(*known)]


def _claimable(images: Collection[str], worker: str, slots: int) -> QuerySet[Judgement]:
    """What that worker may claim, in order. There are no more running rows to look at than the workers have slots."""
    running = Judgement.objects.filter(state=State.RUNNING, priority__in=ADMITTED).order_by()
    holders: list[tuple[UUID | None, str]] = list(running.values_list("submission__owner", "worker"))
    here = Counter(owner for owner, name in holders if name == worker)
    greedy = {owner for owner, count in here.items() if 1 < slots <= count + 1}
    queued = pausing.unpaused(Judgement.objects.filter(state=State.QUEUED, image__in=images))
    if greedy:
        queued = queued.exclude(_sent_by(greedy), priority__in=ADMITTED)
    if not holders:
        return queued.order_by("priority", "queued_at", "id")
    is_busy = Case(When(_sent_by({owner for owner, _ in holders}), then=1), default=0)
    return queued.order_by("priority", is_busy, "queued_at", "id")


def _sent_by(owners: Collection[UUID | None]) -> Q:
    """Judgements of what these have sent; None are all those who were not signed in."""
    named = Q(submission__owner__in=[owner for owner in owners if owner is not None])
    return named | Q(submission__owner=None) if None in owners else named


def _take(best: Judgement, worker: str, *, is_last: bool) -> Claim | None:
    """Move one row from queued to running; None if somebody else was faster."""
    now = timezone.now()
    held = Claim(best.pk, best.attempt + 1, now, best.submission_id, best.priority, is_last=is_last)
    with transaction.atomic():
        if best.priority in ADMITTED:
            admission.give_place_back()
        row = Judgement.objects.filter(pk=best.pk, state=State.QUEUED, attempt=best.attempt)
        moved = row.update(
            state=State.RUNNING,
            attempt=held.attempt,
            worker=worker,
            started_at=now,
            lease_until=_lease_end(),
        )
        if moved != 1:
            transaction.set_rollback(True)
            return None
    return held


def _go_on(judgement: Judgement, job: Job, still_mine: Callable[[], bool]) -> GoOn:
    """After each test: show the progress, and go on while the claim is held and there is something to learn."""
    program = jury_program(judgement)
    decided = jury.stop_when_decided(program) if program else stop_at_a_limit

    show = presentation.ProgressShow(judgement, len(job.tests))

    began = time.monotonic()

    def go_on(outcomes: Sequence[TestOutcome]) -> bool:
        show.update(outcomes)
        if not still_mine():
            raise ClaimLost
        if program is None and time.monotonic() - began > PATIENCE_SECONDS and _is_rejected(outcomes):
            return False
        return decided(outcomes)

    return go_on


def _is_rejected(outcomes: Sequence[TestOutcome]) -> bool:
    return overall(outcome.verdict for outcome in outcomes) is not Verdict.AC


def _complete(held: Claim, judgement: Judgement, job: Job, outcome: Outcome) -> None:
    is_run = judgement.submission.kind == Kind.RUN
    verdict = "" if is_run and outcome.verdict is Verdict.AC else outcome.verdict.value
    moved = _end(
        held,
        state=State.COMPLETED,
        verdict=verdict,
        score=None if is_run else float(outcome.verdict is Verdict.AC),
        time_ms=outcome.time_ms,
        memory_kb=outcome.memory_kb,
        result=_run_result(outcome) if is_run else _result(outcome, len(job.tests)),
    )
    if not moved:
        log.warning("dropped a late result of judgement %s, attempt %d", held.id, held.attempt)
        return
    metrics.judged(judgement, verdict)


def _result(outcome: Outcome, total: int) -> dict[str, Any]:
    tests = []
    for test in outcome.tests:
        shown = presentation.test_body(test)
        if test.is_sample:
            shown |= {"stdout": _text(test.stdout, KEPT_OUTPUT_BYTES), "stderr": _text(test.stderr, KEPT_OUTPUT_BYTES)}
        tests.append(shown)
    return {"tests": tests, "total": total, "compileOutput": _text(outcome.compile_output.encode(), KEPT_RUN_BYTES)}


def _run_result(outcome: Outcome) -> dict[str, Any]:
    result = _result(outcome, 1)
    stdout, stderr = (outcome.tests[0].stdout, outcome.tests[0].stderr) if outcome.tests else (b"", b"")
    return result | {"stdout": _text(stdout, KEPT_RUN_BYTES), "stderr": _text(stderr, KEPT_RUN_BYTES)}


def _text(data: bytes, limit: int) -> str:
    """What can be stored and shown of a program's bytes: no database takes NUL in text."""
    return data[:limit].decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


@connections.patient(AWAY_SECONDS)
@transaction.atomic
def _end(held: Claim, **values: Any) -> bool:
    """Move the row to an end state and let the submission point at it where it counts; False if it isn't held."""
    if held.row().update(finished_at=timezone.now(), lease_until=None, **values) != 1:
        return False
    judgement = Judgement(pk=held.id, priority=held.priority)
    if values["state"] == State.COMPLETED and feeding.replaces(judgement):  # a failed rejudge leaves the old result
        Submission.objects.filter(pk=held.submission).update(current=judgement)
    if held.priority == Priority.REJUDGE:
        transaction.on_commit(feeding.refill, robust=True)
    presentation.publish(held.submission)
    return True


@connections.patient(AWAY_SECONDS)
@transaction.atomic
def _requeue(held: Claim, attempt: int) -> bool:
    if held.priority in ADMITTED:
        admission.take_place_again()
    if held.row().update(state=State.QUEUED, attempt=attempt, worker="", started_at=None, lease_until=None) != 1:
        transaction.set_rollback(True)
        return False
    presentation.publish(held.submission)
    return True


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
