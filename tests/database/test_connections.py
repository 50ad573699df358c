"""Connections to PostgreSQL: few, bounded in time, healing, and closed at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django.db
import pytest
from django.db import OperationalError
from django.db.utils import load_backend

from judge import databases
from judge.web.connections import give_back
from launcher.home import ROOT
from launcher.supervisor import die_with_parent
from tests.database.conftest import Server, until
from tests.health.serving import WebServer


def new_connection(url: str, alias: str = "other", **pool: Any) -> Any:
    """Django's own, as a thread has it, of a pool that is shared by those with that alias."""
    entry = databases.entry(url, "")
    entry["OPTIONS"]["pool"] |= pool
    defaults: dict[str, Any] = {"TIME_ZONE": None, "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "TEST": {}}
    connection = load_backend(entry["ENGINE"]).DatabaseWrapper(defaults | entry, alias)
    connection.inc_thread_sharing()
    return connection


def ask(connection: Any, query: str = "SELECT 1") -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def answers(connection: Any) -> bool:
    try:
        return bool(ask(connection))
    except OperationalError:
        return False


@pytest.fixture(autouse=True)
def _access(django_db_blocker: Any) -> Iterator[None]:
    """To that server only: Django's own database stays untouched."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def connections(server: Server) -> Iterator[list[Any]]:
    """Six, of one pool."""
    made = [new_connection(server.url) for _ in range(databases.MAX_CONNECTIONS + 1)]
    yield made
    for connection in made:
        connection.close()
    made[0].close_pool()
    until(lambda: server.connections() == 0)


def test_the_sixth_waits_and_is_not_opened(server: Server, connections: list[Any]) -> None:
    *five, sixth = connections
    for connection in five:
        ask(connection)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(ask, sixth)
        time.sleep(0.3)
        assert not waiting.done()
        assert server.connections() == databases.MAX_CONNECTIONS
        five[0].close()
        assert waiting.result(timeout=databases.CONNECT_SECONDS) == (1,)
    assert server.connections() == databases.MAX_CONNECTIONS


def test_a_statement_ends(connections: list[Any]) -> None:
    connection = connections[0]
    assert ask(connection, "SHOW statement_timeout") == (f"{databases.STATEMENT_SECONDS}s",)
    ask(connection, "SELECT set_config('statement_timeout', '100ms', false)")
    with pytest.raises(OperationalError, match="statement timeout"):
        ask(connection, "SELECT pg_sleep(5)")
    assert ask(connection) == (1,)


def test_a_migration_may_take_longer(connections: list[Any]) -> None:
    django.db.connections["other"] = connections[0]
    try:
        with connections[0].schema_editor() as editor:
            assert ask(editor.connection, "SHOW statement_timeout") == ("0",)
    finally:
        del django.db.connections["other"]
    assert ask(connections[0], "SHOW statement_timeout") == (f"{databases.STATEMENT_SECONDS}s",)


def test_who_is_stopped_within_a_transaction_loses_its_locks(server: Server, connections: list[Any]) -> None:
    stopped, other = connections[:2]
    limit = f"{databases.STATEMENT_SECONDS}s"
    assert ask(stopped, "SHOW idle_in_transaction_session_timeout") == (limit,)
    ask(stopped, "SELECT set_config('idle_in_transaction_session_timeout', '100ms', false)")
    stopped.set_autocommit(False)
    ask(stopped, "SELECT pg_advisory_xact_lock(1)")
    ask(other, "SELECT pg_advisory_lock(1)")  # waits for it
    stopped.close()


def test_a_thread_gives_its_own_back_but_for_a_transaction(connections: list[Any], monkeypatch: Any) -> None:
    mine = connections[0]
    monkeypatch.setattr(django.db.connections, "all", lambda initialized_only: [mine])
    ask(mine)
    mine.in_atomic_block = True
    give_back()
    assert mine.connection
    mine.in_atomic_block = False
    give_back()
    assert mine.connection is None


def test_killed_connections_heal_with_the_next_request(server: Server, connections: list[Any]) -> None:
    for connection in connections[:5]:
        ask(connection)
    for connection in connections:
        connection.close()  # into the pool, as at the end of a request
    server.kill_connections()
    began = time.monotonic()
    for connection in connections[:5]:
        assert ask(connection) == (1,)
    assert time.monotonic() - began < 3  # the pool's own check would take 7 s


def test_one_that_is_killed_within_a_request_heals_with_the_next(server: Server, connections: list[Any]) -> None:
    ask(connections[0])
    server.kill_connections()
    with pytest.raises(OperationalError):
        ask(connections[0])
    connections[0].close_if_unusable_or_obsolete()
    assert ask(connections[0]) == (1,)


def test_a_server_that_is_back_is_noticed(server: Server) -> None:
    connection = new_connection(server.url, "restarted", timeout=1)
    ask(connection)
    connection.close()
    server.stop()
    try:
        with pytest.raises(OperationalError):
            ask(connection)
    finally:
        server.start()
    until(lambda: answers(connection), 10)
    connection.close()
    connection.close_pool()


def test_an_address_that_swallows_everything_costs_five_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:  # takes connections, and says nothing
        connection = new_connection(f"postgres://judge@127.0.0.1:{silent.getsockname()[1]}/verdict", "silent")
        began = time.monotonic()
        with pytest.raises(OperationalError):
            ask(connection)
        assert time.monotonic() - began < databases.CONNECT_SECONDS + 3
        connection.close_pool()


def test_the_web_server_closes_them_on_sigterm(server: Server, tmp_path: Path) -> None:
    web = WebServer(tmp_path, DATABASE_URL=server.url)
    until(lambda: bool(web.get("/submissions/")) and server.connections() > 0)
    web.close()
    assert server.connections() == 0
    assert "pool" not in web.log.read_text()  # what its threads say that nobody has stopped


def test_the_web_server_closes_sqlite_too(tmp_path: Path) -> None:
    """Whoever closes it last removes the log of writes."""
    database = tmp_path / "verdict.sqlite3"
    web = WebServer(tmp_path, DATABASE_URL=f"sqlite:///{database}")
    web.get("/submissions/")
    assert Path(f"{database}-wal").exists()
    web.close()
    assert not Path(f"{database}-wal").exists()


def test_the_maintenance_worker_closes_them_on_sigterm(server: Server, tmp_path: Path) -> None:
    env = os.environ | {"DATABASE_URL": server.url, "VERDICT_VAR": str(tmp_path)}
    log = tmp_path / "log"
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "maintenance_worker"],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - one thread
        )
    until(lambda: server.connections() > 0 or worker.poll() is not None, 60)  # the first round has begun
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0, log.read_text()
    assert server.connections() == 0
    assert "couldn't stop thread" not in log.read_text()
