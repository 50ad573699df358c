"""A PostgreSQL of the tests' own, whichever database the suite runs on."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from launcher import packages, postgres
from launcher.supervisor import die_with_parent


class Server:
    """PostgreSQL, with an empty database `verdict`."""

    def __init__(self, cluster: Path) -> None:
        self.cluster = cluster
        self.url = postgres.url(cluster)
        postgres.initialize(cluster)
        self.start()
        self.ask("CREATE DATABASE verdict")

    def start(self) -> None:
        self._popen = subprocess.Popen(
            postgres.command(self.cluster),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - also where the tests are cut off
        )
        until(lambda: postgres.answers(self.cluster))

    def stop(self) -> None:
        """At once, as in a crash. It ends after its children: one that a killed server leaves answers once more."""
        self._popen.send_signal(signal.SIGQUIT)
        self._popen.wait()

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """From outside: over a connection of its own, to the database `postgres`."""
        with psycopg.connect(
            host=str(self.cluster), user=postgres.USER, dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def connections(self) -> int:
        """How many there are to the database `verdict`."""
        [(count,)] = self.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = 'verdict'")
        assert isinstance(count, int)
        return count

    def kill_connections(self) -> None:
        self.ask("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'verdict'")


def until(ready: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until `ready`; a failure after that many seconds."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"not ready within {seconds} s"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if not postgres.is_there():
        assert os.geteuid() != 0 or packages.why_not(), "script/test installs it"
        pytest.skip("there is no PostgreSQL, and it can't be installed here")
    with tempfile.TemporaryDirectory(prefix="verdict-") as parent:
        Path(parent).chmod(0o711)  # its user has to come through
        made = Server(Path(parent) / "postgres")
        yield made
        made.stop()
