import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, connection

from accounts.models import User
from execution import capacity, compilation, doorbell, grading, worker
from execution.engine import Job, Test
from execution.jobs import budget_seconds, job_of
from execution.languages import LANGUAGES
from execution.leases import LeaseKeeper
from execution.models import Judgement
from execution.sandbox.fake import FakePool, Handler, report
from execution.sandbox.interface import ImageMissing, Limits, RunReport, SandboxBroken, SandboxUnavailable
from execution.states import State
from execution.worker import Worker
from judge.web import request_id
from problems.models import Problem
from tests.execution.programs import Judge, new_compiler, new_worker, on_tests, raising, solves
from tests.factories import make_problem, make_submission


@pytest.mark.django_db
def test_it_judges_one_per_bell(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    make_submission(problem, contestant)
    judge = new_worker()
    judge.judge_one()
    assert sorted(Judgement.objects.values_list("state", flat=True)) == [State.COMPLETED, State.QUEUED]
    judge.judge_one()
    judge.judge_one()  # a bell too many does no harm
    assert set(Judgement.objects.values_list("verdict", flat=True)) == {"AC"}


@pytest.mark.django_db(transaction=True)
def test_one_s_sleeping_programs_keep_nobody_else_waiting_and_are_all_judged_in_the_end() -> None:
    users = [User.objects.create_user(name) for name in ("sleeper", "stranger")]
    problem = make_problem(users[0])
    sleeping, woken = threading.Semaphore(0), threading.Event()

    def handler(stdin: bytes) -> RunReport:
        sleeping.release()
        assert woken.wait(30)
        return report(b"%d" % (int(stdin) + 1))

    judge = new_worker(on_tests(handler))

    def hear() -> None:
        try:
            judge.attend()
        finally:
            connection.close()

    for _ in range(4):
        make_submission(problem, users[0])
    bells = [threading.Thread(target=hear) for _ in range(4)]
    for bell in bells:
        bell.start()
    for bell in bells:
        bell.join(0.1)
    for _ in range(2):
        assert sleeping.acquire(timeout=30)
    late = make_submission(problem, users[1])
    other = new_worker()
    other.name = judge.name  # a hand of the same worker that is quick
    assert other.judge_one()
    assert Judgement.objects.get(submission=late).verdict == "AC"
    assert Judgement.objects.filter(state=State.RUNNING).count() == 2
    woken.set()
    for bell in bells:
        bell.join(30)
    assert set(Judgement.objects.values_list("verdict", flat=True)) == {"AC"}


@pytest.mark.django_db(transaction=True)
def test_what_was_held_back_is_judged_when_something_ends_though_nobody_rings_again() -> None:
    """Each of the sender's first two was the last that waited when it was claimed."""
    sender = User.objects.create_user("sender")
    problem = make_problem(sender)
    begun, go = threading.Semaphore(0), threading.Event()

    def handler(stdin: bytes) -> RunReport:
        begun.release()
        assert go.wait(30)
        return report(b"%d" % (int(stdin) + 1))

    judge = new_worker(on_tests(handler))

    def hear() -> None:
        try:
            judge.attend()
        finally:
            connection.close()

    bells = [threading.Thread(target=hear) for _ in range(3)]
    for bell in bells[:2]:
        make_submission(problem, sender)
        bell.start()
        assert begun.acquire(timeout=30)
    make_submission(problem, sender)
    bells[2].start()
    bells[2].join(30)
    assert Judgement.objects.filter(state=State.QUEUED).count() == 1
    go.set()
    for bell in bells:
        bell.join(30)
    assert set(Judgement.objects.values_list("verdict", flat=True)) == {"AC"}


@pytest.mark.django_db
@pytest.mark.parametrize("waiting", [1, 3])
def test_a_bell_makes_a_worker_judge_all_that_waits_and_look_no_further(
    problem: Problem, contestant: User, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(waiting):
        make_submission(problem, contestant)
    claim, claims = grading.claim, []

    def counted(*args: Any) -> grading.Claim | None:
        claims.append(claim(*args))
        return claims[-1]

    monkeypatch.setattr(grading, "claim", counted)
    new_worker().attend()
    assert set(Judgement.objects.values_list("verdict", flat=True)) == {"AC"}
    assert (len(claims), all(claims)) == (waiting, True)


@pytest.mark.django_db
def test_a_bell_ends_with_what_goes_wrong(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    new_worker(raising(SandboxBroken("it died"))).attend()
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.attempt) == (State.QUEUED, 1)


@pytest.mark.django_db
def test_without_a_sandbox_it_hands_back_and_loses_no_attempt(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0)
    make_submission(problem, contestant)
    for _ in range(5):
        new_worker(raising(SandboxUnavailable("the daemon is gone"))).judge_one()
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.attempt) == (State.QUEUED, 0)


@contextmanager
def away_for_a_while(statement: str) -> Iterator[None]:
    """The database doesn't answer at first where a statement contains that."""
    away = [InterfaceError("it is gone")] * 3

    def at_first_in_vain(execute: Any, sql: str, *args: Any) -> Any:
        if away and statement in sql:
            raise away.pop() from psycopg.OperationalError("no answer")
        return execute(sql, *args)

    with connection.execute_wrapper(at_first_in_vain):
        yield
    assert not away


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "handler", "state", "attempt"),
    [
        ('"execution_submission"."files"', solves, State.COMPLETED, 1),
        ('"lease_until" = NULL', solves, State.COMPLETED, 1),
        ('"lease_until" = NULL', raising(SandboxUnavailable("gone")), State.QUEUED, 0),
        ('"lease_until" = NULL', raising(SandboxBroken("it died")), State.QUEUED, 1),
    ],
    ids=["loading", "storing", "handing back", "giving up"],
)
def test_a_database_that_is_away_for_a_while_costs_no_attempt(
    problem: Problem,
    contestant: User,
    statement: str,
    handler: Handler,
    state: State,
    attempt: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("judge.web.connections.RETRY_SECONDS", 0)
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0)
    make_submission(problem, contestant)
    with away_for_a_while(statement):
        new_worker(handler).judge_one()
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.attempt) == (state, attempt)


@pytest.mark.django_db
def test_what_is_being_loaded_is_kept(problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_submission(problem, contestant)
    judge, load = new_worker(), grading.load

    def slowly(held: grading.Claim) -> Any:
        before = grading.leases()
        judge._keeper._beat()
        assert grading.leases() != before
        return load(held)

    monkeypatch.setattr(grading, "load", slowly)
    assert judge.judge_one()


@pytest.mark.django_db
def test_an_image_that_is_gone_is_judged_no_more(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    lost: list[str] = []
    pool = FakePool(raising(ImageMissing("somebody removed it")))
    judge = Worker(pool, new_compiler(pool), ["python3"], lost=lost.append)
    for _ in range(3):
        judge.judge_one()
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.attempt) == (State.QUEUED, 0)
    assert lost == ["python3"]
    [stat] = capacity.workers()
    assert (stat.images, stat.missing) == ([], ["python3"])


@pytest.mark.django_db
@pytest.mark.parametrize("error", [SandboxBroken("it died"), RuntimeError("a bug")])
def test_a_broken_attempt_is_made_again_three_times(problem: Problem, contestant: User, error: Exception) -> None:
    make_submission(problem, contestant)
    for _ in range(5):
        new_worker(raising(error)).judge_one()
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.attempt) == (State.FAILED, 3)
    assert "our fault" in judgement.failure


@pytest.mark.django_db
def test_a_broken_attempt_leaves_the_next_one_to_succeed(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    new_worker(raising(SandboxBroken("it died"))).judge_one()
    new_worker().judge_one()
    judgement = Judgement.objects.get()
    assert (judgement.verdict, judgement.attempt) == ("AC", 2)


@pytest.mark.django_db
def test_a_test_file_that_is_gone_fails_it_with_a_reason(problem: Problem, contestant: User, settings: Any) -> None:
    make_submission(problem, contestant)
    settings.TEST_DATA_DIR = settings.TEST_DATA_DIR / "elsewhere"
    for _ in range(3):
        new_worker().judge_one()
    assert "an internal error" in Judgement.objects.get().failure


@pytest.mark.django_db
def test_a_draining_worker_begins_nothing(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    judge = new_worker()
    judge.drain()
    judge.judge_one()
    assert Judgement.objects.get().state == State.QUEUED


@pytest.mark.django_db
def test_what_is_cut_off_by_the_shutdown_is_handed_back(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "DRAIN_SECONDS", 0.05)
    make_submission(problem, contestant)
    aborted = threading.Event()

    def handler(*_: object) -> Any:
        judge.drain()
        assert aborted.wait(10)
        raise SandboxBroken("destroyed")

    pool = FakePool(handler)
    monkeypatch.setattr(pool, "abort", aborted.set)
    judge = Worker(pool, new_compiler(pool), ["python3"])
    judge.judge_one()
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.attempt) == (State.QUEUED, 0)


@pytest.mark.django_db
def test_it_tells_how_it_stands(problem: Problem, contestant: User) -> None:
    judge = new_worker()
    judge.announce()
    make_submission(problem, contestant)
    judge.judge_one()
    judge.announce()
    [stat] = capacity.workers()
    assert (stat.role, stat.images, stat.created) == ("judge", ["python3"], 1)
    capacity.retire(judge.name)
    assert capacity.workers() == []


def test_a_bell_in_a_process_that_judges_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_current", [])
    with pytest.raises(RuntimeError, match="judge_worker"):
        worker.current()


@pytest.mark.django_db(transaction=True)
class TestLeaseKeeper:
    @pytest.fixture
    def held(self) -> grading.Claim:
        author = User.objects.create_user("author")
        make_submission(make_problem(author), author)
        held = grading.claim(["python3"], "w")
        assert held
        return held

    @pytest.fixture
    def keeper(self) -> Any:
        def let_go() -> None:
            connection.close()  # the keeper thread's own

        keeper = LeaseKeeper(0.05, on_beat=let_go)
        keeper.start()
        yield keeper
        keeper.stop()

    def lease_end(self, held: grading.Claim) -> Any:
        return Judgement.objects.values_list("lease_until", flat=True).get(pk=held.id)

    def test_it_renews_what_is_held_within_its_budget(self, keeper: LeaseKeeper, held: grading.Claim) -> None:
        before = self.lease_end(held)
        with keeper.holding(held, budget_seconds=60) as still_mine:
            time.sleep(0.5)
            assert self.lease_end(held) > before
            assert still_mine()

    def test_past_its_budget_it_lets_the_lease_run_out(self, keeper: LeaseKeeper, held: grading.Claim) -> None:
        with keeper.holding(held, budget_seconds=0) as still_mine:
            assert not still_mine()
            before = self.lease_end(held)
            time.sleep(0.3)
            assert self.lease_end(held) == before

    @pytest.mark.parametrize("error", [InterfaceError("connection already closed"), RuntimeError("?")])
    def test_nothing_ends_it(self, error: Exception) -> None:
        beats: list[int] = []

        def beat() -> None:
            beats.append(1)
            if len(beats) == 1:
                raise error

        keeper = LeaseKeeper(0.02, on_beat=beat)
        keeper.start()
        deadline = time.monotonic() + 10
        while len(beats) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        keeper.stop()
        assert len(beats) >= 3

    def test_one_that_can_not_be_renewed_leaves_the_others_renewed(
        self, held: grading.Claim, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        renew, other = grading.renew, replace(held, attempt=7)
        renewed: list[grading.Claim] = []

        def fails_for_one(claim: grading.Claim) -> bool:
            if claim == other:
                raise InterfaceError("connection already closed")
            renewed.append(claim)
            return renew(claim)

        monkeypatch.setattr(grading, "renew", fails_for_one)
        keeper = LeaseKeeper(60, on_beat=lambda: None)
        with keeper.holding(other, 60), keeper.holding(held, 60):
            assert not keeper._beat(), "it is to try again soon"
        assert renewed == [held]

    def test_it_may_be_stopped_before_it_began(self) -> None:
        LeaseKeeper(0.05, on_beat=lambda: None).stop()

    def test_it_notices_a_loss(self, keeper: LeaseKeeper, held: grading.Claim) -> None:
        with keeper.holding(held, budget_seconds=60) as still_mine:
            grading.give_up_attempt(held, "believed dead")
            deadline = time.monotonic() + 10
            while still_mine() and time.monotonic() < deadline:
                time.sleep(0.02)
            assert not still_mine()


@pytest.mark.django_db
def test_a_worker_that_lost_its_row_stops_after_the_test_at_hand(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    held = grading.claim(["python3"], "w")
    assert held
    runs: list[bytes] = []
    judgement = grading.load(held)

    def wrong(stdin: bytes) -> RunReport:
        runs.append(stdin)
        return report(b"?")

    with pytest.raises(grading.ClaimLost):
        grading.grade(held, judgement, job_of(judgement), Judge(on_tests(wrong)), lambda: False)
    assert len(runs) == 1


@pytest.mark.django_db
def test_what_takes_too_long_in_all_fails_after_three_attempts(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "budget_seconds", lambda job: 0.0)
    make_submission(problem, contestant)
    new_worker().judge_one()
    assert Judgement.objects.get().state == State.QUEUED, "it may have been us"
    for _ in range(2):
        new_worker().judge_one()
    judgement = Judgement.objects.get()
    assert judgement.state == State.FAILED
    assert "took too long in all" in judgement.failure


def test_the_budget_is_all_wall_limits_and_ten_minutes_at_most(settings: Any) -> None:
    limits = Limits(cpu_ms=1000, wall_ms=5000, memory_kb=None, output_bytes=1)
    tests = [Test(number, b"", None) for number in range(1, 4)]
    job = Job(LANGUAGES["python3"], {}, tests, limits, memory_mb=64)
    assert budget_seconds(job) == compilation.LIMITS.wall_ms / 1000 + 3 * 5 + 10
    assert budget_seconds(replace(job, tests=tests * 100)) == settings.MAX_JUDGING_SECONDS


@pytest.mark.django_db
@pytest.mark.parametrize("error", [SandboxUnavailable("gone"), SandboxBroken("died"), RuntimeError("a bug")])
def test_a_row_that_is_queued_again_is_rung_for(
    problem: Problem, contestant: User, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0)
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    make_submission(problem, contestant)
    new_worker(raising(error)).judge_one()
    assert rung == ["python3"]


@pytest.mark.django_db
def test_one_without_a_sandbox_keeps_no_other_waiting(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it pauses it holds its row, so that the next thread takes another."""
    first, second = make_submission(problem, contestant), make_submission(problem, contestant)
    refused = new_worker(raising(SandboxUnavailable("gone")))
    monkeypatch.setattr(refused._stopping, "wait", lambda seconds: new_worker().judge_one())
    refused.judge_one()
    assert Judgement.objects.get(submission=second).verdict == "AC"
    assert Judgement.objects.get(submission=first).state == State.QUEUED


@pytest.mark.django_db
def test_its_log_lines_bear_the_requests_id_and_no_later_ones(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant, request_id="abc-1")
    seen: list[str] = []

    def handler(stdin: bytes) -> RunReport:
        seen.append(request_id.current())
        return report(b"?")

    new_worker(on_tests(handler)).judge_one()
    assert (set(seen), request_id.current()) == ({"abc-1"}, "-")
