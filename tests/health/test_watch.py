"""A probe tells the truth, and never waits, whatever it looks at does."""

import threading
import time
from collections.abc import Callable

import pytest

from health import watch
from health.watch import Probe


def eventually(what: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_it_knows_nothing_before_its_first_look() -> None:
    hang = threading.Event()
    assert Probe("it", hang.wait).state == "unknown"
    hang.set()


def test_it_knows_what_answers_and_what_fails() -> None:
    def fail() -> None:
        raise OSError("refused")

    good, bad = Probe("it", lambda: None), Probe("it", fail)
    assert (good.answers(10), good.state) == (True, "ok")
    assert (bad.answers(10), bad.state) == (False, "down")


def test_what_hangs_is_down_while_it_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.05)
    hang, looks = threading.Event(), []

    def look() -> None:
        looks.append(1)
        hang.wait(30)

    probe = Probe("it", look)
    assert eventually(lambda: probe.state == "down")
    began = time.monotonic()
    assert not probe.answers(0.05)
    assert not probe.answers(0.05)
    assert time.monotonic() - began < 5
    assert len(looks) == 1, "one look at a time, however often it is asked"
    hang.set()
    assert probe.answers(10)
    assert probe.state == "ok"


def test_an_answer_is_no_older_than_the_question() -> None:
    up = False

    def look() -> None:
        if not up:
            raise OSError

    probe = Probe("it", look)
    assert not probe.answers(10)
    up = True
    assert probe.answers(10)


def test_it_looks_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "INTERVAL_SECONDS", 0.01)
    looks: list[int] = []
    probe = Probe("it", lambda: looks.append(1))
    assert eventually(lambda: probe.state == "ok" and len(looks) > 3)
