"""Whether the results of a rejudging count: applied, discarded, cancelled."""

from typing import Any

import pytest

from accounts.models import User
from execution import grading, rejudging
from execution.access import Viewer
from execution.models import Judgement, Rejudging, Stage, Submission
from execution.presentation import polled
from execution.states import Priority, State
from problems.models import Problem
from tests.execution.programs import new_worker
from tests.execution.rejudges import begin, begun, judge_all, judged, stage, verdict_of

pytestmark = pytest.mark.django_db


class TestPreview:
    @pytest.fixture
    def submissions(self, problem: Problem, contestant: User) -> list[Submission]:
        return [judged(problem, contestant, verdict) for verdict in ("WA", "AC", "TLE")]

    @pytest.fixture
    def row(self, submissions: list[Submission], problem: Problem) -> Rejudging:
        row = begun(problem=problem.slug, is_preview=True)
        judge_all()
        return Rejudging.objects.get(pk=row.pk)

    def test_nothing_counts_until_it_is_applied(self, row: Rejudging, submissions: list[Submission]) -> None:
        assert row.stage == Stage.JUDGED
        assert list(map(verdict_of, submissions)) == ["WA", "AC", "TLE"]
        rejudging.apply(row)
        assert list(map(verdict_of, submissions)) == ["AC", "AC", "AC"]
        assert row.stage == Stage.APPLIED

    def test_discarded_it_never_counts(self, row: Rejudging, submissions: list[Submission]) -> None:
        rejudging.cancel(row)
        assert list(map(verdict_of, submissions)) == ["WA", "AC", "TLE"]
        assert row.stage == Stage.DISCARDED
        assert begin(problem="next-number"), "they may be rejudged again"

    def test_it_is_decided_once(self, row: Rejudging) -> None:
        rejudging.apply(row)
        for way in (rejudging.apply, rejudging.cancel):
            with pytest.raises(rejudging.NotNow):
                way(row)

    def test_while_it_is_undecided_nothing_else_rejudges_the_same(self, row: Rejudging) -> None:
        assert begin(problem="next-number") is None

    def test_it_can_not_be_applied_before_all_is_judged(self, submissions: list[Submission]) -> None:
        row = begun(problem="next-number", is_preview=True)
        rejudging.advance()
        new_worker().judge_one()
        rejudging.advance()
        with pytest.raises(rejudging.NotNow):
            rejudging.apply(row)
        assert list(map(verdict_of, submissions)) == ["WA", "AC", "TLE"]

    def test_discarded_early_what_runs_does_not_count_either(self, submissions: list[Submission]) -> None:
        row = begun(problem="next-number", is_preview=True)
        rejudging.advance()
        worker = new_worker()
        held = grading.claim(["python3"], "w1")
        assert held
        rejudging.cancel(row)
        grading.hand_back(held)
        worker.judge_one()
        assert sorted(Judgement.objects.filter(priority=Priority.REJUDGE).values_list("state", flat=True)) == [
            State.COMPLETED,
            State.FAILED,
            State.FAILED,
        ]
        assert list(map(verdict_of, submissions)) == ["WA", "AC", "TLE"]

    def test_a_failed_one_keeps_its_old_result(self, submissions: list[Submission]) -> None:
        row = begun(problem="next-number", is_preview=True)
        rejudging.advance()
        held = grading.claim(["python3"], "w1")
        assert held
        grading.fail(held, "the sandbox failed")
        judge_all()
        rejudging.apply(row)
        assert list(map(verdict_of, submissions)) == ["WA", "AC", "AC"]

    @pytest.mark.django_db(transaction=True)
    def test_readers_see_the_new_results_at_once(self, row: Rejudging, contestant: User) -> None:
        pks = list(Submission.objects.order_by("id").values_list("pk", flat=True))
        viewer = Viewer(contestant, "")
        assert [polled(pk, viewer)["verdict"] for pk in pks] == ["WA", "AC", "TLE"]
        rejudging.apply(row)
        assert [polled(pk, viewer)["verdict"] for pk in pks] == ["AC", "AC", "AC"]

    def test_all_are_applied_with_few_queries(
        self, many: list[Submission], problem: Problem, contestant: User, django_assert_max_num_queries: Any
    ) -> None:
        row = begun(problem=problem.slug, is_preview=True)
        while stage(row) == Stage.RUNNING:
            rejudging.advance()
            Judgement.objects.filter(state=State.QUEUED).update(state=State.COMPLETED, verdict="AC")
        with django_assert_max_num_queries(19):
            rejudging.apply(row)
        assert set(Submission.objects.values_list("current__verdict", flat=True)) == {"AC"}


class TestCancel:
    def test_the_rest_is_taken_out_of_the_queue(self, problem: Problem, contestant: User, settings: Any) -> None:
        submissions = [judged(problem, contestant) for _ in range(3)]
        row = begun(problem=problem.slug)
        rejudging.advance()
        new_worker().judge_one()
        held = grading.claim(["python3"], "w1")
        assert held
        rejudging.cancel(row)
        assert stage(row) == Stage.CANCELLED
        assert Judgement.objects.filter(state=State.QUEUED).count() == 0
        assert Judgement.objects.get(failure=rejudging.CANCELLED).submission == submissions[2]
        assert list(map(verdict_of, submissions)) == ["AC", "WA", "WA"]

    def test_it_waits_for_what_runs_before_the_next_one(self, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        row = begun(problem=problem.slug)
        rejudging.advance()
        held = grading.claim(["python3"], "w1")
        assert held
        rejudging.cancel(row)
        begun(problem=problem.slug)
        rejudging.advance()
        assert submission.judgements.count() == 2
        grading.fail(held, "the sandbox failed")
        rejudging.advance()
        assert submission.judgements.count() == 3
