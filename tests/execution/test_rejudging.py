"""Submissions judged once more: when, and what counts."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from execution import grading, rejudging
from execution.access import Viewer
from execution.models import Judgement, Rejudge, Rejudging, Stage, Submission
from execution.presentation import polled
from execution.states import Priority, State
from problems.models import Problem
from tests.execution.programs import new_worker
from tests.execution.rejudges import begin, begun, judge_all, judged, stage, verdict_of
from tests.factories import make_judgement, make_version

pytestmark = pytest.mark.django_db


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """What comes of them, each in a thread of its own."""

    def task(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(tasks)) as threads:
        return list(threads.map(task, tasks))


class TestOne:
    def test_the_old_result_stands_until_the_new_one_is_there(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        row = begun(ids=[submission.pk])
        rejudging.advance()
        assert verdict_of(submission) == "WA"
        held = grading.claim(["python3"], "w1")
        assert held
        assert (verdict_of(submission), polled(submission.pk, Viewer(contestant, ""))["status"]) == ("WA", "completed")
        grading.hand_back(held)
        judge_all()
        assert verdict_of(submission) == "AC"
        assert stage(row) == Stage.APPLIED
        assert Rejudging.objects.get().finished_at

    def test_it_is_judged_by_the_version_that_counts_now(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        problem.adopt(make_version(problem, number=2))
        make_version(problem, number=3, time_limit_ms=None)
        begun(ids=[submission.pk])
        judge_all()
        assert submission.judgements.get(priority=Priority.REJUDGE).version == problem.version

    def test_a_failed_rejudge_leaves_the_old_result(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant, "AC")
        row = begun(ids=[submission.pk])
        rejudging.advance()
        held = grading.claim(["python3"], "w1")
        assert held
        grading.fail(held, "the sandbox failed")
        rejudging.advance()
        assert (verdict_of(submission), stage(row)) == ("AC", Stage.APPLIED)
        assert begin(ids=[submission.pk]), "it may be tried again"

    def test_what_failed_by_our_fault_gets_its_verdict(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant, "", state=State.FAILED)
        begun(verdict="failed")
        judge_all()
        assert verdict_of(submission) == "AC"

    def test_what_can_not_be_judged_any_more_is_passed_over(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        row = begun(ids=[submission.pk])
        Submission.objects.filter(pk=submission.pk).update(language="cobol")
        rejudging.advance()
        assert (verdict_of(submission), stage(row)) == ("WA", Stage.APPLIED)


class TestTwice:
    def test_a_second_call_changes_nothing(self, problem: Problem, contestant: User) -> None:
        submissions = [judged(problem, contestant) for _ in range(3)]
        begun(problem=problem.slug)
        claim = partial(grading.claim, ["python3"], "w1")
        steps: list[Callable[[], Any]] = [dict, rejudging.advance, claim]  # the first does nothing
        for step in steps:
            step()
            before = Judgement.objects.count(), Rejudge.objects.count()
            assert begin(problem=problem.slug) is None
            assert begin(ids=[submissions[0].pk], is_preview=True) is None
            assert (Judgement.objects.count(), Rejudge.objects.count()) == before
        assert Rejudging.objects.count() == 1

    def test_sweeping_twice_feeds_each_once(self, problem: Problem, contestant: User) -> None:
        for _ in range(3):
            judged(problem, contestant)
        begun(problem=problem.slug)
        for _ in range(3):
            rejudging.advance()
        assert Judgement.objects.filter(priority=Priority.REJUDGE).count() == 3

    def test_only_what_is_not_being_rejudged_is_added(self, problem: Problem, contestant: User) -> None:
        first = judged(problem, contestant)
        begun(ids=[first.pk])
        second = judged(problem, contestant)
        row = begun(problem=problem.slug)
        assert [rejudge.submission for rejudge in row.rejudges.all()] == [second]

    def test_once_it_is_over_it_can_be_done_again(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        for _ in range(2):
            begun(problem=problem.slug)
            judge_all()
        assert submission.judgements.count() == 3


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    def test_two_who_rejudge_the_same_queue_each_submission_once(self, problem: Problem, contestant: User) -> None:
        for _ in range(20):
            judged(problem, contestant)
        at_once(*[lambda: begin(problem=problem.slug)] * 4, *[rejudging.advance] * 4)
        rejudging.advance()
        fed = Judgement.objects.filter(priority=Priority.REJUDGE)
        assert fed.count() == fed.values("submission").distinct().count() == 20

    def test_one_of_those_who_decide_decides(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        row = begun(problem=problem.slug, is_preview=True)
        judge_all()

        def decide(how: Callable[[Rejudging], None]) -> bool:
            try:
                how(Rejudging.objects.get(pk=row.pk))
            except rejudging.NotNow:
                return False
            return True

        ways = [rejudging.apply, rejudging.cancel] * 3
        decided = at_once(*[lambda how=how: decide(how) for how in ways])
        assert decided.count(True) == 1
        is_applied = ways[decided.index(True)] is rejudging.apply
        assert verdict_of(submission) == ("AC" if is_applied else "WA")
        assert stage(row) == (Stage.APPLIED if is_applied else Stage.DISCARDED)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite everybody has their turn")
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_row_that_somebody_else_holds(problem: Problem, contestant: User) -> None:
    for _ in range(3):
        judged(problem, contestant)
    row = begun(problem=problem.slug)
    with transaction.atomic():
        held = row.rejudges.select_for_update().order_by("id")[:1]
        assert len(held) == 1
        at_once(lambda: rejudging.cancel(row))
        assert (stage(row), row.rejudges.filter(is_open=True).count()) == (Stage.CANCELLING, 1)
    rejudging.advance()
    assert stage(row) == Stage.CANCELLED


def test_a_rejudge_from_elsewhere_counts_as_ever(problem: Problem, contestant: User) -> None:
    submission = judged(problem, contestant)
    make_judgement(submission, priority=Priority.REJUDGE)
    new_worker().judge_one()
    assert verdict_of(submission) == "AC"


def test_what_somebody_else_has_ended_meanwhile_stays_as_it_is(db: None) -> None:
    ended = Rejudging.objects.create(words="all", is_preview=True, stage=Stage.APPLIED)
    rejudging._settle(ended, math.inf)
    assert ended.stage == Stage.APPLIED
