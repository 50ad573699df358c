"""Submissions judged once more: which, when, what counts, and who may."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution import doorbell, feeding, grading, intake, pausing, rejudging, sweeper
from execution.access import Viewer
from execution.models import Judgement, Kind, Pause, QueueCounter, Rejudge, Rejudging, Stage, Submission
from execution.presentation import polled
from execution.sandbox.fake import Handler, report
from execution.selection import Selection
from execution.states import Priority, State
from judge.celery import app
from problems.models import Problem
from tests.execution.programs import new_worker, on_tests, solves
from tests.factories import NEXT_NUMBER, make_judgement, make_problem, make_submission, make_version
from tests.pages.reading import Page

pytestmark = pytest.mark.django_db

LIST = "/staff/rejudgings/"
wrong = on_tests(report(b"wrong"))


@pytest.fixture(autouse=True)
def _no_bells_from_before() -> None:
    broker: Any = app.connection_for_write()
    with broker:
        broker.default_channel.queue_purge(doorbell.queue_of("python3"))


def judged(problem: Problem, owner: User | None, verdict: str = "WA", **fields: Any) -> Submission:
    fields = {"state": State.COMPLETED, "verdict": verdict, "score": float(verdict == "AC"), "attempt": 1} | fields
    return make_submission(problem, owner, started_at=timezone.now(), **fields)


def begin(*, is_preview: bool = False, **selection: Any) -> Rejudging | None:
    chosen = Selection(**selection)
    return rejudging.start(chosen.submissions(), chosen.words, None, is_preview=is_preview)


def begun(**selection: Any) -> Rejudging:
    made = begin(**selection)
    assert made
    return made


def judge_all(handler: Handler = solves) -> None:
    """What a worker and the sweeper do until nothing is left."""
    worker = new_worker(handler)
    for _ in range(10):
        rejudging.advance()
        for _ in Judgement.objects.filter(state=State.QUEUED):
            worker.judge_one()
    assert not Rejudging.objects.filter(stage=Stage.RUNNING).exists()


def verdict_of(submission: Submission) -> str:
    current = Submission.objects.select_related("current").get(pk=submission.pk).current
    return current.verdict if current else ""


def stage(row: Rejudging) -> str:
    return Rejudging.objects.get(pk=row.pk).stage


class TestSelection:
    @pytest.fixture
    def others(self, author: User, stranger: User, problem: Problem, contestant: User) -> Submission:
        """Submissions each of which differs in one way from the one that is returned."""
        judged(make_problem(author, "other"), contestant)
        judged(problem, stranger)
        judged(problem, contestant, language="c", image="c")
        judged(problem, contestant, "AC")
        judged(problem, contestant, "", state=State.FAILED)
        old = judged(problem, contestant)
        Submission.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(days=2))
        young = judged(problem, contestant)
        Submission.objects.filter(pk=young.pk).update(created=timezone.now() + timedelta(days=2))
        return judged(problem, contestant)

    def test_it_is_those_that_are_all_of_it(self, others: Submission) -> None:
        now = timezone.now()
        chosen = Selection(
            problem="next-number",
            user="contestant",
            language="python3",
            verdict="WA",
            since=now - timedelta(hours=1),
            until=now + timedelta(hours=1),
        )
        assert list(chosen.submissions()) == [others]

    @pytest.mark.parametrize(
        ("narrowed", "count"),
        [
            ({"problem": "other"}, 1),
            ({"user": "stranger"}, 1),
            ({"language": "c"}, 1),
            ({"verdict": "AC"}, 1),
            ({"verdict": "failed"}, 1),
            ({"since": timedelta(days=1)}, 1),
            ({"until": timedelta(days=-1)}, 1),
            ({"problem": "next-number"}, 7),
        ],
    )
    def test_what_is_left_open_is_open(self, others: Submission, narrowed: dict[str, Any], count: int) -> None:
        moments = {name: timezone.now() + value for name, value in narrowed.items() if isinstance(value, timedelta)}
        assert Selection(**(narrowed | moments)).submissions().count() == count

    def test_what_can_not_be_judged_is_left_out(self, problem: Problem, author: User, contestant: User) -> None:
        unmeasured = make_problem(author, "unmeasured")
        judged(unmeasured, contestant)
        Problem.objects.filter(pk=unmeasured.pk).update(version=None)
        judged(problem, contestant, language="cobol")
        make_submission(problem, None, kind=Kind.JURY, state=State.COMPLETED)
        make_submission(None, contestant, state=State.COMPLETED)
        assert begin(ids=list(Submission.objects.values_list("pk", flat=True))) is None
        assert not Rejudging.objects.exists()

    def test_what_never_left_the_queue_is_left_alone_unless_it_is_named(
        self, problem: Problem, contestant: User
    ) -> None:
        submission = make_submission(problem, contestant)
        intake.cancel(submission.pk, Viewer(contestant, ""))
        assert begin(problem=problem.slug) is None
        assert begin(ids=[submission.pk])

    def test_what_is_queued_anyway_is_left_alone_unless_the_problem_has_changed(
        self, problem: Problem, contestant: User
    ) -> None:
        submission = make_submission(problem, contestant)
        assert begin(problem=problem.slug) is None
        problem.adopt(make_version(problem, number=2))
        begun(problem=problem.slug)
        rejudging.advance()
        assert Judgement.objects.count() == 1, "the first judgement is to end first"
        judge_all()
        assert list(submission.judgements.order_by("id").values_list("version__number", flat=True)) == [1, 2]
        submission.refresh_from_db()
        assert submission.current
        assert submission.current.version == problem.version


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
    def run(self, *tasks: Callable[[], Any]) -> list[Any]:
        def task(work: Callable[[], Any]) -> Any:
            try:
                return work()
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=len(tasks)) as threads:
            return list(threads.map(task, tasks))

    def test_two_who_rejudge_the_same_queue_each_submission_once(self, problem: Problem, contestant: User) -> None:
        for _ in range(20):
            judged(problem, contestant)
        self.run(*[lambda: begin(problem=problem.slug)] * 4, *[rejudging.advance] * 4)
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
        decided = self.run(*[lambda how=how: decide(how) for how in ways])
        assert decided.count(True) == 1
        is_applied = ways[decided.index(True)] is rejudging.apply
        assert verdict_of(submission) == ("AC" if is_applied else "WA")
        assert stage(row) == (Stage.APPLIED if is_applied else Stage.DISCARDED)


class TestFeeding:
    @pytest.fixture
    def many(self, problem: Problem, contestant: User) -> list[Submission]:
        submissions = [
            Submission(kind=Kind.SUBMISSION, problem=problem, owner=contestant, language="python3", files=[])
            for _ in range(300)
        ]
        Submission.objects.bulk_create(submissions)
        values = {"version": problem.version, "image": "python3", "queued_at": timezone.now(), "attempt": 1}
        judgements = [Judgement(submission=each, state=State.COMPLETED, verdict="WA", **values) for each in submissions]
        Judgement.objects.bulk_create(judgements)
        for submission, judgement in zip(submissions, judgements, strict=True):
            submission.current = judgement
        Submission.objects.bulk_update(submissions, ["current"])
        return submissions

    def queued(self) -> int:
        return Judgement.objects.filter(state=State.QUEUED, priority=Priority.REJUDGE).count()

    def test_they_are_fed_gradually_with_as_many_bells_and_few_queries(
        self, many: list[Submission], problem: Problem, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(14):
            begun(problem=problem.slug)
        assert self.queued() == 0
        for _ in range(3):
            with django_assert_max_num_queries(19):
                rejudging.advance()
            assert self.queued() == feeding.MAX_QUEUED
        sweeper.sweep()
        assert doorbell.waiting("python3") == feeding.MAX_QUEUED
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

    def test_the_page_of_many_costs_few_queries(
        self, many: list[Submission], problem: Problem, staff: User, client: Client, django_assert_max_num_queries: Any
    ) -> None:
        row = begun(problem=problem.slug, is_preview=True)
        rejudging.advance()
        client.force_login(staff)
        with django_assert_max_num_queries(7):
            page = Page.of(client.get(f"{row.get_absolute_url()}?all&page=3"))
        assert len(page.all("time")) == 101
        assert "0 of 300" in page.text

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


class TestCutOff:
    """However many there are, each step takes a few at a time, and one that was cut off is gone on with."""

    @pytest.fixture
    def submissions(self, problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch) -> list[Submission]:
        monkeypatch.setattr(rejudging, "_BATCH", 2)
        return [judged(problem, contestant) for _ in range(5)]

    @pytest.fixture
    def row(self, submissions: list[Submission], problem: Problem) -> Rejudging:
        row = begun(problem=problem.slug, is_preview=True)
        judge_all()
        return row

    def break_at_the_third(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        whole, calls = getattr(rejudging, name), iter(range(9))

        def call(*arguments: Any) -> Any:
            if next(calls) == 2:
                raise KeyboardInterrupt
            return whole(*arguments)

        monkeypatch.setattr(rejudging, name, call)

    def test_asking_again_takes_the_rest(
        self, submissions: list[Submission], problem: Problem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            self.break_at_the_third(broken, "_add")
            with pytest.raises(KeyboardInterrupt):
                begin(problem=problem.slug)
        row = Rejudging.objects.get()
        assert (row.stage, row.rejudges.count()) == (Stage.PREPARING, 4)
        rejudging.advance()
        assert stage(row) == Stage.PREPARING, "it may still be going on"
        rest = begun(problem=problem.slug)
        assert [rejudge.submission for rejudge in rest.rejudges.all()] == [submissions[4]]
        monkeypatch.setattr(rejudging, "_ABANDONED", timedelta(0))
        judge_all()
        assert {stage(row), stage(rest)} == {Stage.APPLIED}
        assert set(map(verdict_of, submissions)) == {"AC"}

    def test_what_was_cancelled_meanwhile_grows_no_more(
        self, submissions: list[Submission], problem: Problem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = rejudging._add

        def add(row: Rejudging, chosen: Any) -> bool:
            if added := whole(row, chosen):
                rejudging.cancel(row)
            return added

        monkeypatch.setattr(rejudging, "_add", add)
        row = begun(problem=problem.slug)
        assert (row.stage, row.rejudges.count()) == (Stage.CANCELLED, 2)
        assert not Rejudge.objects.filter(is_open=True).exists()

    def test_applying_is_gone_on_with(
        self, row: Rejudging, submissions: list[Submission], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.break_settling(rejudging.apply, row, Stage.APPLYING, monkeypatch)
        assert list(map(verdict_of, submissions)) == ["AC"] * 4 + ["WA"]
        for way in (rejudging.apply, rejudging.cancel):
            with pytest.raises(rejudging.NotNow):
                way(row)
        rejudging.advance()
        assert stage(row) == Stage.APPLIED
        assert set(map(verdict_of, submissions)) == {"AC"}

    def test_so_is_cancelling(
        self, row: Rejudging, submissions: list[Submission], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.break_settling(rejudging.cancel, row, Stage.CANCELLING, monkeypatch)
        assert Rejudge.objects.filter(is_open=True).count() == 1
        rejudging.advance()
        assert stage(row) == Stage.DISCARDED
        assert not Rejudge.objects.filter(is_open=True).exists()
        assert set(map(verdict_of, submissions)) == {"WA"}

    def break_settling(
        self, decide: Callable[[Rejudging], None], row: Rejudging, halfway: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            self.break_at_the_third(broken, "_close_some")
            with pytest.raises(KeyboardInterrupt):
                decide(row)
        assert stage(row) == halfway


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


class TestPages:
    @pytest.fixture
    def browser(self, client: Client, staff: User) -> Client:
        client.force_login(staff)
        return client

    def test_a_preview_is_begun_looked_at_and_applied(
        self, browser: Client, problem: Problem, contestant: User, staff: User
    ) -> None:
        submissions = [judged(problem, contestant, verdict) for verdict in ("WA", "WA", "AC")]
        page = Page.of(browser.post(LIST, {"problem": problem.slug, "preview": "1"}, follow=True))
        row = Rejudging.objects.get()
        assert (row.is_preview, row.by, row.words) == (True, staff, "problem next-number")
        assert [button["value"] for button in page.all("button", name="do")] == ["cancel"]
        judge_all()
        page = Page.of(browser.get(row.get_absolute_url()))
        assert [line.text for line in page.all("tr")[1:3]] == ["WA AC 2", "AC AC 1"]
        assert sum(f"/submissions/{each.pk}/" in page.html for each in submissions) == 2
        assert [button["value"] for button in page.all("button", name="do")] == ["apply", "cancel"]
        page = Page.of(browser.post(row.get_absolute_url(), {"do": "apply"}, follow=True))
        assert "The new results count now." in page.text
        assert set(map(verdict_of, submissions)) == {"AC"}
        assert not page.all("button", name="do")
        page = Page.of(browser.post(row.get_absolute_url(), {"do": "cancel"}, follow=True))
        assert "Nothing was changed" in page.text
        assert "problem next-number" in Page.of(browser.get(LIST)).text

    def test_without_a_preview_it_counts_at_once(self, browser: Client, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        browser.post(LIST, {"user": "contestant"})
        judge_all(wrong)
        assert verdict_of(submission) == "WA"
        page = Page.of(browser.post(LIST, {"user": "contestant"}, follow=True))
        assert "0 of 1" in page.text
        form = page.one("form", method="post", class_="actions")
        page = Page.of(browser.post(form["action"], {"do": "cancel"}, follow=True))
        assert "It is cancelled." in page.text

    def test_nothing_to_do_is_said(self, browser: Client, problem: Problem) -> None:
        page = Page.of(browser.post(LIST, {"problem": problem.slug}, follow=True))
        assert "Nothing was begun" in page.text

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"problem": "no-such"},
            {"problem": "a\0b"},
            {"user": "nobody"},
            {"user": "no\0body"},
            {"verdict": "XX"},
            {"language": "cobol"},
            {"since": "x"},
            {"since": "0001-01-01T00:00+14:00"},
            {"until": "2026-13-01T00:00"},
        ],
    )
    def test_nonsense_is_refused(self, browser: Client, data: dict[str, str], problem: Problem, stranger: User) -> None:
        judged(problem, stranger)
        assert browser.post(LIST, data).status_code == 400
        assert not Rejudging.objects.exists()

    def test_they_are_for_staff(self, cast: dict[str, Client], problem: Problem, contestant: User) -> None:
        judged(problem, contestant)
        row = begun(problem=problem.slug)
        paths = {LIST: {"problem": problem.slug}, row.get_absolute_url(): {"do": "cancel"}}
        for name in ("anonymous", "contestant", "author"):
            for path, data in paths.items():
                for response in (cast[name].get(path), cast[name].post(path, data)):
                    assert response.status_code == (302 if name == "anonymous" else 404)
                    if name == "anonymous":
                        assert response["Location"].startswith("/accounts/login/")
        assert stage(row) == Stage.RUNNING

    def test_they_need_their_csrf_token(self, staff: User, problem: Problem, contestant: User) -> None:
        judged(problem, contestant)
        client = Client(enforce_csrf_checks=True)
        client.force_login(staff)
        assert client.post(LIST, {"problem": problem.slug}).status_code == 403
        assert not Rejudging.objects.exists()

    def test_what_is_not_there_is_404(self, browser: Client) -> None:
        assert browser.get(f"{LIST}{uuid4()}/").status_code == 404


class TestAdmin:
    @pytest.fixture
    def browser(self, client: Client, staff: User) -> Client:
        client.force_login(staff)
        return client

    @pytest.mark.parametrize("action", ["rejudge", "preview"])
    def test_chosen_submissions_are_rejudged(
        self, browser: Client, problem: Problem, contestant: User, staff: User, action: str
    ) -> None:
        chosen, _ = judged(problem, contestant), judged(problem, contestant)
        response = browser.post(
            "/admin/execution/submission/", {"action": action, "_selected_action": [str(chosen.pk)]}
        )
        row = Rejudging.objects.get()
        assert response["Location"] == row.get_absolute_url()
        assert (row.is_preview, row.by, row.words) == (action == "preview", staff, "1 chosen submissions")
        assert [rejudge.submission for rejudge in row.rejudges.all()] == [chosen]

    @pytest.mark.parametrize("action", ["rejudge", "preview"])
    def test_chosen_problems_are_rejudged(
        self, browser: Client, problem: Problem, author: User, contestant: User, action: str
    ) -> None:
        chosen = [problem, make_problem(author, "other"), make_problem(author, "empty")]
        for each in (*chosen[:2], make_problem(author, "not-chosen")):
            judged(each, contestant)
        data = {"action": action, "_selected_action": [str(each.pk) for each in chosen]}
        page = browser.post("/admin/problems/problem/", data, follow=True).content.decode()
        assert sorted(row.words for row in Rejudging.objects.all()) == ["problem next-number", "problem other"]
        assert set(Rejudging.objects.values_list("is_preview", flat=True)) == {action == "preview"}
        assert "empty: Nothing was begun" in page

    def test_chosen_problems_are_paused_and_resumed(self, browser: Client, problem: Problem) -> None:
        for action, is_paused in (("pause_judging", True), ("resume_judging", False)):
            browser.post("/admin/problems/problem/", {"action": action, "_selected_action": [str(problem.pk)]})
            assert Pause.objects.filter(problem=problem).exists() is is_paused

    def test_it_leads_to_the_pages(self, browser: Client) -> None:
        assert browser.get("/admin/execution/rejudging/")["Location"] == LIST
        assert browser.get("/admin/execution/pause/")["Location"] == "/staff/judging/"

    def test_it_is_for_staff(self, client: Client, problem: Problem, contestant: User) -> None:
        client.force_login(contestant)
        submission = judged(problem, contestant)
        data = {"action": "rejudge", "_selected_action": [str(submission.pk)]}
        client.post("/admin/execution/submission/", data)
        client.post("/admin/problems/problem/", {"action": "rejudge", "_selected_action": [str(problem.pk)]})
        for name in ("rejudging", "pause"):
            assert "/staff/" not in client.get(f"/admin/execution/{name}/")["Location"].split("?")[0]
        assert not Rejudging.objects.exists()


class TestCommand:
    def run(self, *arguments: str) -> str:
        out = StringIO()
        call_command("rejudge", *arguments, stdout=out)
        return out.getvalue()

    def test_it_takes_ids(self, problem: Problem, contestant: User) -> None:
        chosen, _ = judged(problem, contestant), judged(problem, contestant)
        assert self.run(str(chosen.pk)).startswith("1 submissions are rejudged: /staff/rejudgings/")
        assert Rejudge.objects.get().submission == chosen
        assert self.run(str(chosen.pk)).startswith("Nothing to do")

    def test_it_takes_filters(self, problem: Problem, author: User, contestant: User) -> None:
        chosen = judged(problem, contestant)
        judged(make_problem(author, "other"), contestant)
        judged(problem, contestant, "AC")
        judged(problem, author)
        self.run(
            *("--problem", problem.slug, "--user", "contestant", "--language", "python3", "--verdict", "WA"),
            *("--since", "2020-01-01", "--until", "2120-01-01T00:00+02:00", "--preview"),
        )
        assert Rejudge.objects.get().submission == chosen
        assert Rejudging.objects.get().is_preview

    def test_a_dry_run_only_tells(self, problem: Problem, contestant: User) -> None:
        for verdict in ("WA", "WA", "AC"):
            judged(problem, contestant, verdict)
        lines = self.run("--problem", problem.slug, "--dry-run").splitlines()
        assert lines == ["     1 next-number AC", "     2 next-number WA", "3 submissions would be rejudged."]
        assert not Rejudging.objects.exists()
        self.run("--verdict", "WA")
        assert self.run("--problem", problem.slug, "--dry-run").endswith("1 submissions would be rejudged.\n")

    def test_it_waits_and_tells_what_has_changed(
        self, problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for verdict in ("WA", "AC"):
            judged(problem, contestant, verdict)
        worker = new_worker()
        monkeypatch.setattr("execution.management.commands.rejudge.time.sleep", lambda _: worker.judge_one())
        lines = self.run("--problem", problem.slug, "--wait", "--preview").splitlines()
        assert lines[1:3] == ["     1 WA → AC", "     1 AC → AC"]
        assert lines[-1].startswith("The old results stand")

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            ([], "Which submissions?"),
            (["--problem", "no-such"], "problem: There is no problem “no-such”."),
            (["--user", "nobody"], "user: There is no user “nobody”."),
            (["--verdict", "XX"], "verdict: "),
            (["--since", "yesterday"], "since: "),
            ([str(uuid4())], "There is no submission "),
        ],
    )
    def test_nonsense_is_refused(self, arguments: list[str], reason: str) -> None:
        with pytest.raises(CommandError, match=reason):
            self.run(*arguments)


def test_a_rejudge_from_elsewhere_counts_as_ever(problem: Problem, contestant: User) -> None:
    submission = judged(problem, contestant)
    make_judgement(submission, priority=Priority.REJUDGE)
    new_worker().judge_one()
    assert verdict_of(submission) == "AC"


def test_what_somebody_else_has_ended_meanwhile_stays_as_it_is(db: None) -> None:
    ended = Rejudging.objects.create(words="all", is_preview=True, stage=Stage.APPLIED)
    rejudging._settle(ended)
    assert ended.stage == Stage.APPLIED
