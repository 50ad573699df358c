"""Workers and sweepers at once, on the database that the suite runs on: none gets what another has.

The admission's bound under parallel posts is in tests/execution/test_admission.py.
"""

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import connection, transaction

from accounts.models import User
from execution import admission, feeding, grading, sweeper
from execution.engine import GoOn, Job, Outcome
from execution.grading import Claim
from execution.jobs import job_of
from execution.models import Judgement, QueueCounter, Rejudge, Rejudging
from execution.states import State
from execution.verdicts import Verdict
from problems.models import Problem
from tests.execution.rejudges import judged
from tests.factories import make_problem, make_submission

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8
ROWS = 40
Result = TypeVar("Result")


@pytest.fixture
def problem() -> Problem:
    return make_problem(User.objects.create_user("author"))


def at_once(call: Callable[[int], Result], times: int) -> list[Result]:
    """`call` from so many threads, each with a connection of its own, that begin together."""
    gate = Barrier(times)

    def run(n: int) -> Result:
        gate.wait()
        try:
            return call(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


def claim_all(n: int) -> list[Claim]:
    """What one worker gets until nothing is left."""
    return list(iter(lambda: grading.claim(["python3"], f"w{n}"), None))


def fill(problem: Problem) -> None:
    for _ in range(ROWS):
        make_submission(problem, None)
    recount()


@transaction.atomic
def recount() -> None:
    admission.recount()


def ids(claims: Iterable[Claim]) -> list[UUID]:
    return sorted(claim.id for claim in claims)


def test_eight_workers_claim_each_row_once(problem: Problem) -> None:
    fill(problem)
    claimed = [claim for claims in at_once(claim_all, WORKERS) for claim in claims]
    assert ids(claimed) == sorted(Judgement.objects.values_list("pk", flat=True))
    assert {claim.attempt for claim in claimed} == {1}
    assert QueueCounter.objects.get().queued == 0


def test_two_sweepers_take_an_attempt_once(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(problem)
    claim_all(0)
    monkeypatch.setattr(sweeper, "_unrenewed", dict.fromkeys(grading.leases(), math.inf))
    at_once(lambda _: sweeper.sweep(), 2)
    assert set(Judgement.objects.values_list("state", "attempt")) == {(State.QUEUED, 1)}
    assert QueueCounter.objects.get().queued == ROWS


def test_sweepers_and_workers_at_once_lose_and_double_nothing(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(problem)
    lost = claim_all(0)
    monkeypatch.setattr(sweeper, "_unrenewed", dict.fromkeys(grading.leases(), math.inf))

    def work(n: int) -> list[Claim]:
        if n < 2:
            sweeper.sweep()
            return []
        return claim_all(n)

    claimed = [claim for claims in at_once(work, WORKERS) for claim in claims] + claim_all(0)
    assert ids(claimed) == ids(lost)
    assert {claim.attempt for claim in claimed} == {2}
    assert QueueCounter.objects.get().queued == 0
    assert not any(grading.renew(claim) for claim in lost)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's connections are a thread's own for good")
def test_who_judges_holds_no_connection_meanwhile(problem: Problem) -> None:
    make_submission(problem, None)
    held = grading.claim(["python3"], "w1")
    assert held
    judgement = grading.load(held)
    asked = []

    def judge(job: Job, go_on: GoOn) -> Outcome:
        asked.append(connection.connection)
        return Outcome(Verdict.AC)

    grading.grade(held, judgement, job_of(judgement), judge, lambda: True)
    assert asked == [None]
    assert Judgement.objects.get().verdict == "AC"


def test_four_feeders_queue_no_more_than_there_is_room_for(problem: Problem) -> None:
    rejudged = [judged(problem, None) for _ in range(feeding.MAX_QUEUED + 20)]
    row = Rejudging.objects.create(words="", is_preview=False)
    Rejudge.objects.bulk_create(Rejudge(rejudging=row, submission=submission) for submission in rejudged)
    at_once(lambda _: feeding.feed(), 4)
    assert Judgement.objects.filter(state=State.QUEUED).count() == feeding.MAX_QUEUED
