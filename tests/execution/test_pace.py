import threading
import time
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.models import User
from execution.models import Judgement
from execution.pace import Pace
from execution.states import State
from judge.env import rate
from problems.models import Problem
from tests.execution.programs import new_worker
from tests.factories import make_submission


def test_one_after_the_other_whoever_asks() -> None:
    pace, stopping = Pace(per_second=20), threading.Event()
    times: list[float] = []

    def go() -> None:
        for _ in range(2):
            assert pace.wait(stopping)
            times.append(time.monotonic())

    began = time.monotonic()
    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [moment - began >= number * 0.05 for number, moment in enumerate(sorted(times))] == [True] * 6


def test_without_a_limit_nobody_waits() -> None:
    pace, stopping = Pace(), threading.Event()
    assert all(pace.wait(stopping) for _ in range(1000))
    stopping.set()
    assert not pace.wait(stopping)


def test_whoever_waits_is_sent_away_at_once_when_all_stops() -> None:
    pace, stopping = Pace(per_second=0.001), threading.Event()
    assert pace.wait(stopping)
    threading.Timer(0.1, stopping.set).start()
    began = time.monotonic()
    assert not pace.wait(stopping)
    assert time.monotonic() - began < 60


def test_a_turn_given_back_is_the_next_ones() -> None:
    pace, stopping = Pace(per_second=0.001), threading.Event()
    for _ in range(3):
        began = time.monotonic()
        assert pace.wait(stopping)
        pace.give_back()
        assert time.monotonic() - began < 60


@pytest.mark.django_db
def test_a_worker_begins_no_more_than_it_may_and_loses_nothing(
    problem: Problem, contestant: User, settings: Any
) -> None:
    settings.WORKER_RATE_LIMIT = 0.001
    worker = new_worker()
    worker.judge_one()  # in vain: that does not count
    for _ in range(2):
        make_submission(problem, contestant)
    worker.judge_one()
    threading.Timer(0.1, worker.drain).start()
    worker.judge_one()
    assert sorted(Judgement.objects.values_list("state", flat=True)) == [State.COMPLETED, State.QUEUED]


@pytest.mark.parametrize(("raw", "per_second"), [("", 0), ("100/m", 100 / 60), ("2/s", 2), ("36/h", 0.01)])
def test_a_rate_is_read_per_second(raw: str, per_second: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_RATE", raw)
    assert rate("SOME_RATE") == pytest.approx(per_second)


@pytest.mark.parametrize("raw", ["100", "0/m", "-1/m", "100/d", "1.5/s", "m", "100/m and more", "９/s"])
def test_a_rate_that_makes_no_sense_is_refused(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_RATE", raw)
    with pytest.raises(ImproperlyConfigured, match="SOME_RATE must be like 100/m"):
        rate("SOME_RATE")
