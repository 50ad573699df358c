"""Rejudges come to the queue gradually, behind everybody else."""

from typing import Any

import pytest

from accounts.models import User
from execution import doorbell, feeding, grading, pausing, rejudging, sweeper
from execution.models import Judgement, QueueCounter, Rejudge, Submission
from execution.states import Priority, State
from judge.celery import app
from problems.models import Problem
from tests.execution.programs import new_worker
from tests.execution.rejudges import begun, judged
from tests.factories import NEXT_NUMBER, make_problem, make_submission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_bells_from_before() -> None:
    broker: Any = app.connection_for_write()
    with broker:
        broker.default_channel.queue_purge(doorbell.queue_of("python3"))


class TestFeeding:
    def queued(self) -> int:
        return Judgement.objects.filter(state=State.QUEUED, priority=Priority.REJUDGE).count()

    def test_they_are_fed_gradually_with_enough_bells_and_few_queries(
        self, many: list[Submission], problem: Problem, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(14):
            begun(problem=problem.slug)
        assert self.queued() == 0
        for _ in range(3):
            with django_assert_max_num_queries(20):
                rejudging.advance()
            assert self.queued() == feeding.MAX_QUEUED
        sweeper.sweep()
        assert doorbell.waiting("python3") == doorbell.ENOUGH
        Judgement.objects.filter(
            state=State.QUEUED,
            pk__in=list(Judgement.objects.filter(state=State.QUEUED).values_list("pk", flat=True)[:30]),
        ).update(state=State.COMPLETED)
        sweeper.sweep()
        assert self.queued() == feeding.MAX_QUEUED
        assert Rejudge.objects.filter(judgement=None).count() == 300 - feeding.MAX_QUEUED - 30

    @pytest.mark.django_db(transaction=True)
    def test_it_need_not_wait_for_the_sweeper(
        self, many: list[Submission], problem: Problem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feeding, "MAX_QUEUED", 4)
        begun(problem=problem.slug)
        Submission.objects.update(files=[{"name": "main.py", "content": NEXT_NUMBER}])
        worker, lengths = new_worker(), []
        for _ in range(6):
            worker.judge_one()
            lengths.append(self.queued())
        assert lengths == [3, 4, 3, 4, 3, 4]

    @pytest.mark.django_db(transaction=True)
    def test_nor_while_those_of_a_paused_problem_wait(
        self, many: list[Submission], problem: Problem, author: User, contestant: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feeding, "MAX_QUEUED", 4)
        begun(problem=problem.slug)
        pausing.pause(problem)
        other = make_problem(author, "other")
        for _ in range(8):
            judged(other, contestant)
        begun(problem="other")
        worker, lengths = new_worker(), [self.queued()]
        for _ in range(4):
            worker.judge_one()
            lengths.append(self.queued())
        assert lengths == [8, 7, 8, 7, 8]

    def test_others_go_first_and_find_room(self, many: list[Submission], problem: Problem, contestant: User) -> None:
        begun(problem=problem.slug)
        sweeper.sweep()
        late = make_submission(problem, contestant)
        held = grading.claim(["python3"], "w1")
        assert held
        assert held.id == late.current_id
        assert QueueCounter.objects.get().queued == 0

    def test_a_paused_problem_lets_the_others_pass(
        self, many: list[Submission], problem: Problem, author: User, contestant: User
    ) -> None:
        other = judged(make_problem(author, "other"), contestant)
        begun(problem=problem.slug)
        rejudging.advance()
        pausing.pause(problem)
        begun(problem="other")
        rejudging.advance()
        assert other.judgements.filter(state=State.QUEUED).exists()
        assert self.queued() == feeding.MAX_QUEUED + 1
