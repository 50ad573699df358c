import math
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from accounts.models import User
from execution import doorbell, grading, sweeper
from execution.models import Judgement, Kind, QueueCounter, Submission
from execution.states import Priority, State
from judge.celery import app
from problems.models import Problem
from tests.factories import make_submission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_bells_from_before() -> None:
    connection: Any = app.connection_for_write()
    with connection:
        connection.default_channel.queue_purge(doorbell.queue_of("python3"))


def test_a_lost_worker_costs_an_attempt_and_not_the_submission(
    problem: Problem, contestant: User, settings: Any
) -> None:
    make_submission(problem, contestant)
    held = grading.claim(["python3"], "w1")
    assert held
    settings.LEASE_SECONDS = 0
    sweeper.sweep()
    judgement = Judgement.objects.get()
    assert (judgement.state, judgement.attempt, judgement.worker) == (State.QUEUED, 1, "")


@pytest.mark.parametrize("hours", [-1, 1])
def test_whose_clock_is_right_does_not_matter(problem: Problem, contestant: User, hours: int, settings: Any) -> None:
    make_submission(problem, contestant)
    held = grading.claim(["python3"], "w1")
    assert held
    held.row().update(lease_until=timezone.now() + timedelta(hours=hours))
    sweeper.sweep()
    assert Judgement.objects.get().state == State.RUNNING
    settings.LEASE_SECONDS = 0
    sweeper.sweep()
    assert Judgement.objects.get().state == State.QUEUED


class Looks:
    """A sweeper's looks at the leases, at given moments in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(sweeper, "_unrenewed", {})
        monkeypatch.setattr(sweeper, "_looked", -math.inf)
        monkeypatch.setattr("execution.sweeper.time.monotonic", lambda: self.now)

    def __call__(self, *moments: float) -> str:
        for self.now in moments:
            sweeper._requeue_lost()
        return Judgement.objects.get().state


def test_a_lease_is_lost_once_it_was_seen_for_so_long_without_a_renewal(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_submission(problem, contestant)
    held = grading.claim(["python3"], "w1")
    assert held
    look = Looks(monkeypatch)
    assert look(100, 105, 110) == State.RUNNING
    assert grading.renew(held)
    assert look(115, 120, 125, 129) == State.RUNNING
    assert look(130) == State.QUEUED


def test_while_the_sweeper_saw_nothing_no_lease_ran_out(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was away: no worker could renew, and none has had the time to do so since."""
    make_submission(problem, contestant)
    assert grading.claim(["python3"], "w1")
    look = Looks(monkeypatch)
    assert look(100, 105, 200) == State.RUNNING
    assert look(205) == State.QUEUED


def test_the_counter_is_derived_anew(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    QueueCounter.objects.create(pk="admitted", queued=40)
    sweeper.sweep()
    assert QueueCounter.objects.get().queued == 1


def test_there_are_as_many_bells_as_queued_rows(problem: Problem, contestant: User) -> None:
    for _ in range(3):
        make_submission(problem, contestant)
    make_submission(problem, contestant, state=State.COMPLETED)
    doorbell.ring("python3")
    sweeper.sweep()
    assert doorbell.waiting("python3") == 3
    sweeper.sweep()
    assert doorbell.waiting("python3") == 3


def test_no_more_are_rung_than_are_enough(problem: Problem, contestant: User) -> None:
    for _ in range(doorbell.ENOUGH + 2):
        make_submission(problem, contestant)
    sweeper.sweep()
    assert doorbell.waiting("python3") == doorbell.ENOUGH
    assert doorbell.ring("python3") is True
    assert doorbell.waiting("python3") == doorbell.ENOUGH


@pytest.mark.parametrize("step", ["calibration.advance", "admission.recount", "grading.leases"])
def test_one_steps_failure_leaves_no_bell_unrung(
    problem: Problem, contestant: User, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise OSError("a file is gone")

    monkeypatch.setattr(f"execution.{step}", fails)
    make_submission(problem, contestant)
    sweeper.sweep()
    assert doorbell.waiting("python3") == 1


@pytest.mark.parametrize("error", [RedisError("no answer"), KombuError("refused"), OSError("reset")])
def test_without_a_broker_the_rest_is_swept_all_the_same(
    problem: Problem, contestant: User, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> int:
        raise error

    for _ in range(2):
        make_submission(problem, contestant)
    calibrated: list[int] = []
    monkeypatch.setattr("execution.calibration.advance", lambda: calibrated.append(1))
    with monkeypatch.context() as patched:
        patched.setattr("redis.Redis.llen", fails)
        with pytest.raises(doorbell.Unknown):
            doorbell.waiting("python3")
        sweeper.sweep()
    assert (calibrated, doorbell.waiting("python3")) == ([1], 0)


def test_old_runs_are_deleted_and_nothing_else(problem: Problem, contestant: User, settings: Any) -> None:
    old = timezone.now() - timedelta(hours=settings.RUN_RETENTION_HOURS, minutes=1)
    old_run = make_submission(None, contestant, state=State.COMPLETED)
    young_run = make_submission(None, contestant, state=State.COMPLETED)
    old_submission = make_submission(problem, contestant)
    Submission.objects.filter(pk__in=[old_run.pk, old_submission.pk]).update(created=old)
    assert sweeper.delete_old_runs() == 1
    assert set(Submission.objects.all()) == {young_run, old_submission}


def test_old_runs_go_a_few_at_a_time(contestant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement, and no transaction, is about more than a few rows."""
    monkeypatch.setattr(sweeper, "DELETED_AT_ONCE", 2)
    for _ in range(5):
        make_submission(None, contestant, state=State.COMPLETED)
    Submission.objects.update(created=timezone.now() - timedelta(days=3))
    batches: list[int] = []
    delete = QuerySet.delete

    def counted(rows: QuerySet[Submission]) -> tuple[int, dict[str, int]]:
        batches.append(rows.count())
        return delete(rows)

    monkeypatch.setattr(QuerySet, "delete", counted)
    assert sweeper.delete_old_runs() == 5
    assert batches == [2, 2, 1]
    assert not Submission.objects.exists()
    assert not Judgement.objects.exists()


def test_cleaning_ends_in_time_and_comes_again(contestant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "DELETED_AT_ONCE", 2)
    for _ in range(5):
        make_submission(None, contestant, state=State.COMPLETED)
    Submission.objects.update(created=timezone.now() - timedelta(days=3))
    moments = iter([0.0, *[1.0] * 2, *[sweeper.CLEANING_SECONDS] * 9])
    with monkeypatch.context() as clock:
        clock.setattr("execution.sweeper.time.monotonic", lambda: next(moments))
        sweeper.clean()
    assert Submission.objects.count() == 1
    sweeper.clean()
    assert not Submission.objects.exists()


def test_sessions_that_have_run_out_are_deleted(client: Client, contestant: User) -> None:
    client.force_login(contestant)
    Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(seconds=1))
    sweeper.clean()
    assert [session.session_key for session in Session.objects.all()] == [client.session.session_key]


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_an_old_run_that_is_not_done_stays(contestant: User, state: State) -> None:
    make_submission(None, contestant, state=state)
    Submission.objects.update(created=timezone.now() - timedelta(days=3))
    assert sweeper.delete_old_runs() == 0


def test_waiting_runs_and_jury_programs_are_rung_for_too(problem: Problem, contestant: User) -> None:
    make_submission(None, contestant)
    make_submission(problem, None, kind=Kind.JURY, priority=Priority.JURY)
    sweeper.sweep()
    assert doorbell.waiting("python3") == 2
