"""What is tried again while the database is away, and what is not."""

import sqlite3
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError

from judge.web import connections
from judge.web.connections import patient


@pytest.fixture(autouse=True)
def given_back(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a broken connection was let go of."""
    given_back: list[int] = []
    monkeypatch.setattr(connections, "RETRY_SECONDS", 0)
    monkeypatch.setattr(connections, "give_back", lambda: given_back.append(1))
    return given_back


def raised(error: type[Exception], cause: Exception) -> Exception:
    """As Django raises it."""
    made = error("?")
    made.__cause__ = cause
    return made


def locked() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


class Act:
    """Fails with those errors, one after the other; then it succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls: list[Any] = []

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        self.calls.append((args, kwargs))
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_it_is_tried_again_with_the_same_on_another_connection(given_back: list[int]) -> None:
    act = Act(raised(OperationalError, locked()), raised(InterfaceError, psycopg.OperationalError("no answer")))
    assert patient(60)(act)(1, two=2) == "done"
    assert act.calls == [((1,), {"two": 2})] * 3
    assert len(given_back) == 2


def test_a_fault_of_ours_is_raised_at_once() -> None:
    fault = raised(OperationalError, sqlite3.OperationalError("no such table"))
    act = Act(fault)
    with pytest.raises(OperationalError):
        patient(60)(act)()
    assert len(act.calls) == 1


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 30.0, 60.0])
    act = Act(*[raised(OperationalError, locked()) for _ in range(9)])
    with monkeypatch.context() as clock:
        clock.setattr("judge.web.connections.time.monotonic", lambda: next(moments))
        with pytest.raises(OperationalError):
            patient(60)(act)()
    assert len(act.calls) == 2
