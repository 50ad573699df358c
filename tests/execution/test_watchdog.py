"""A consumer that hears no bells any more is noticed, and one that has nothing to hear is left in peace."""

import threading
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from accounts.models import User
from execution import doorbell, pausing, watchdog, worker
from execution.sandbox.fake import FakePool
from execution.states import State
from execution.watchdog import LOOKS, Activity, Watchdog, is_rung_for
from execution.worker import Worker
from judge.celery import app
from problems.models import Problem
from tests.execution.programs import new_compiler, solves
from tests.factories import make_submission


class Scene:
    """A watchdog, and all that it looks at."""

    def __init__(self) -> None:
        self.activity = Activity()
        self.rings = True
        self.asked = 0
        self.dog = Watchdog(self.activity, 2, self._is_rung_for, lambda: None)

    def _is_rung_for(self) -> bool:
        self.asked += 1
        return self.rings

    def hear(self) -> None:
        with self.activity.attending():
            pass

    def looks(self, count: int = LOOKS) -> list[bool]:
        return [self.dog.look() for _ in range(count)]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_barks_when_it_was_quiet_often_enough_in_a_row(scene: Scene) -> None:
    assert scene.looks() == [False] * (LOOKS - 1) + [True]


def test_a_bell_that_is_heard_begins_the_count_anew(scene: Scene) -> None:
    scene.looks(LOOKS - 1)
    scene.hear()
    assert scene.looks(LOOKS) == [False] * LOOKS
    assert scene.looks(1) == [True]


def test_so_does_a_moment_in_which_nobody_rings(scene: Scene) -> None:
    scene.looks(LOOKS - 1)
    scene.rings = False
    scene.looks(1)
    scene.rings = True
    assert True not in scene.looks(LOOKS - 1)


def test_who_has_no_hand_free_need_not_hear(scene: Scene) -> None:
    with scene.activity.attending(), scene.activity.attending():
        assert True not in scene.looks(2 * LOOKS)
    with scene.activity.attending():
        assert True in scene.looks(2 * LOOKS)


def test_who_hears_asks_nobody(scene: Scene) -> None:
    for _ in range(3):
        scene.hear()
        scene.looks(1)
    assert scene.asked == 0


def test_it_barks_once_and_from_its_own_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.01)
    barked = threading.Event()
    dog = Watchdog(Activity(), 1, lambda: True, barked.set)
    dog.start()
    assert barked.wait(10)
    dog._thread.join(10)
    assert not dog._thread.is_alive()


def test_stopped_it_is_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "LOOK_SECONDS", 0.01)
    barks: list[int] = []
    dog = Watchdog(Activity(), 1, lambda: True, lambda: barks.append(1))
    dog.stop()
    dog.start()
    dog._thread.join(10)
    assert barks == []


@pytest.mark.django_db
class TestIsRungFor:
    @pytest.fixture(autouse=True)
    def _no_bells_from_before(self, settings: Any) -> None:
        settings.REDIS_TIMEOUT_SECONDS = 10  # a busy machine must not decide a test
        connection: Any = app.connection_for_write()
        with connection:
            connection.default_channel.queue_purge(doorbell.queue_of("python3"))

    def test_a_row_and_its_bell(self, problem: Problem, contestant: User) -> None:
        make_submission(problem, contestant)
        assert not is_rung_for({"python3"}), "nobody has rung yet"
        doorbell.ring("python3")
        assert is_rung_for({"python3", "cpp"})
        assert not is_rung_for({"cpp"})
        assert not is_rung_for(set())

    def test_a_bell_for_nothing(self, problem: Problem, contestant: User) -> None:
        make_submission(problem, contestant, state=State.COMPLETED)
        doorbell.ring("python3")
        assert not is_rung_for({"python3"})

    def test_a_bell_for_what_is_paused(self, problem: Problem, contestant: User) -> None:
        make_submission(problem, contestant)
        doorbell.ring("python3")
        pausing.pause(problem)
        assert not is_rung_for({"python3"})

    def test_a_broker_that_is_away_is_not_the_consumers_fault(
        self, problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(image: str) -> int:
            raise OperationalError("connection refused")

        make_submission(problem, contestant)
        monkeypatch.setattr(doorbell, "waiting", away)
        assert not is_rung_for({"python3"})


@pytest.mark.django_db
def test_a_worker_leaves_when_nothing_runs_any_more(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "DRAIN_SECONDS", 30)
    make_submission(problem, contestant)
    began, left = threading.Event(), threading.Event()

    def handler(*arguments: Any) -> Any:
        began.set()
        assert not left.wait(0.2)
        return solves(*arguments)

    pool = FakePool(handler)
    judge = Worker(pool, new_compiler(pool), ["python3"])

    def leave() -> None:
        assert began.wait(10)
        judge.leave()
        left.set()

    leaving = threading.Thread(target=leave)
    leaving.start()
    judge.attend()
    assert left.wait(10)
    leaving.join()
