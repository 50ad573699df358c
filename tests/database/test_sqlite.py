"""How transactions wait for each other on SQLite."""

import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError
from pytest_django import DjangoDbBlocker

from judge import databases
from judge.sqlite.base import DatabaseWrapper
from judge.web.connections import is_away


@pytest.fixture(autouse=True)
def allowed(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """These databases are the tests' own."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "verdict.sqlite3"


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    """Another process's, which holds the database until it commits."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def opened(file: Path, timeout: float = 20) -> DatabaseWrapper:
    """A connection as a thread of ours has it."""
    entry = databases.entry(f"sqlite:///{file}", "")
    entry |= {"OPTIONS": entry["OPTIONS"] | {"timeout": timeout}, "TIME_ZONE": None, "AUTOCOMMIT": True}
    wrapper = DatabaseWrapper(entry, "default")
    wrapper.connect()
    return wrapper


def begin(wrapper: DatabaseWrapper) -> None:
    wrapper._start_transaction_under_autocommit()


def test_it_begins_as_soon_as_the_other_has_ended(file: Path, other: sqlite3.Connection) -> None:
    """SQLite's own waiting would have come to pauses of 100 ms by then."""
    assert statistics.median(waited_after_the_end(file, other) for _ in range(5)) < 0.02


def waited_after_the_end(file: Path, other: sqlite3.Connection) -> float:
    """Seconds from the other's end to our beginning; the other has begun again then."""
    ended = []

    def end() -> None:
        ended.append(time.monotonic())
        other.execute("COMMIT")

    timer = threading.Timer(0.35, end)
    timer.start()
    wrapper = opened(file)
    begin(wrapper)
    waited = time.monotonic() - ended[0]
    timer.join()
    wrapper.close()
    other.execute("BEGIN IMMEDIATE")
    return waited


def test_many_take_turns(file: Path) -> None:
    """Each transaction takes 2 ms; with SQLite's own waiting some wait for hundreds of them."""
    opened(file).close()
    waits: list[float] = []

    def work() -> None:
        wrapper = opened(file)
        for _ in range(25):
            began = time.monotonic()
            begin(wrapper)
            waits.append(time.monotonic() - began)
            time.sleep(0.002)
            wrapper.rollback()
        wrapper.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waits) == 200
    assert sorted(waits)[-2] < 0.3


def test_patience_ends(file: Path, other: sqlite3.Connection) -> None:
    wrapper = opened(file, timeout=0.2)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="locked") as raised:
        begin(wrapper)
    assert is_away(raised.value)
    assert 0.2 <= time.monotonic() - began < 2
    other.execute("COMMIT")
    begin(wrapper)  # it is as good as before


def test_so_does_that_of_those_behind_the_first(file: Path, other: sqlite3.Connection) -> None:
    failed = []

    def wait() -> None:
        with pytest.raises(OperationalError, match="locked") as raised:
            begin(opened(file, timeout=0.3))
        assert is_away(raised.value)
        failed.append(time.monotonic())

    threads = [threading.Thread(target=wait) for _ in range(4)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 4
    assert max(failed) - began < 2


def test_other_statements_wait_as_before(file: Path, other: sqlite3.Connection) -> None:
    wrapper = opened(file, timeout=7)
    timer = threading.Timer(0.1, lambda: other.execute("COMMIT"))
    timer.start()
    begin(wrapper)
    wrapper.rollback()
    with wrapper.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (7000,)
