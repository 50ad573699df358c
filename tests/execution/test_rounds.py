"""A maintenance worker that makes no rounds isn't taken for one that does."""

import threading
import time
from types import SimpleNamespace

import pytest
from celery.beat import Scheduler
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from execution import doorbell, rounds, tasks, watchdog
from execution.management.commands import maintenance_worker
from execution.rounds import FRESH_SECONDS, Rounds
from judge import clock
from judge.celery import app


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Rounds:
    made = Rounds()
    monkeypatch.setattr(tasks, "rounds", made)
    monkeypatch.setattr(maintenance_worker, "rounds", made)
    return made


def test_a_sweep_shows_that_it_is_there(own: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.sweeper.sweep", lambda: True)
    assert own.are_made(), "one that begins"
    own._swept -= FRESH_SECONDS
    assert not own.are_made()
    assert own.last_sweep() == pytest.approx(time.time() - FRESH_SECONDS, abs=10)
    tasks.sweep()
    assert own.are_made()


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["execution.grading.leases", "execution.pausing.unpaused"])
def test_a_sweep_that_found_nothing_again_does_not_count(
    own: Rounds, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(step, fails)
    own._swept -= FRESH_SECONDS
    tasks.sweep()
    assert not own.are_made()


@pytest.mark.django_db
def test_one_of_which_something_else_failed_counts(own: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging goes on, so that nobody need take the site for unfit."""

    def fails() -> None:
        raise OSError("a file is gone")

    monkeypatch.setattr("execution.calibration.advance", fails)
    own._swept -= FRESH_SECONDS
    tasks.sweep()
    assert own.are_made()


def test_cleaning_is_no_sweep(own: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.sweeper.clean", lambda: None)
    own._swept -= FRESH_SECONDS
    tasks.clean()
    assert not own.are_made()
    assert own._activity.heard == 1


def test_it_is_announced_only_while_it_sweeps(own: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()
    announced: list[object] = []
    monkeypatch.setattr("execution.capacity.announce", announced.append)
    monkeypatch.setattr(stopping, "wait", lambda seconds: stopping.set())
    maintenance_worker._announce("m", stopping)
    assert len(announced) == 1
    stopping.clear()
    own._swept -= FRESH_SECONDS
    maintenance_worker._announce("m", stopping)
    assert len(announced) == 1


def test_one_that_hears_nothing_while_the_broker_answers_is_started_anew(
    own: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.01)
    ended: list[int] = []
    barked = threading.Event()

    def end(status: int) -> None:
        ended.append(status)
        barked.set()

    monkeypatch.setattr("os._exit", end)
    monkeypatch.setattr("execution.capacity.retire", lambda name: None)
    own.watch(lambda: maintenance_worker._start_anew("m")).start()
    assert barked.wait(30)
    assert ended == [75]


def test_without_a_broker_nothing_is_to_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(image: str) -> int:
        raise RedisConnectionError("refused")

    assert rounds._is_due()
    monkeypatch.setattr(doorbell, "waiting", away)
    assert not rounds._is_due()


def test_they_are_due_by_a_clock_that_nobody_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now))
    scheduler = Scheduler(app)
    begun = []
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer: begun.append(entry.name))
    monkeypatch.setattr(Scheduler, "producer", None)
    scheduler.tick()
    assert begun == []
    now += 5
    scheduler.tick()
    assert begun == ["execution.tasks.sweep"]
