"""What becomes of DATABASE_URL."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from judge import databases


def test_sqlite_is_for_one_writer_and_many_readers() -> None:
    entry = databases.entry("sqlite:////srv/verdict.sqlite3", "/tmp/test.sqlite3")
    assert (entry["NAME"], entry["TEST"]["NAME"]) == ("/srv/verdict.sqlite3", "/tmp/test.sqlite3")
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in entry["OPTIONS"]["init_command"]
    assert entry["CONN_MAX_AGE"] is None


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("postgres://judge:pass%40word@db.example.org:5433/verdict", "db.example.org", "verdict"),
        ("postgresql://judge:pass%40word@db.example.org:5433/verdict", "db.example.org", "verdict"),
        ("postgres://judge@//run/postgresql/verdict", "/run/postgresql", "verdict"),
    ],
)
def test_postgres_is_named_by_its_address_or_socket(url: str, host: str, name: str) -> None:
    entry = databases.entry(url, "")
    assert (entry["HOST"], entry["NAME"], entry["USER"]) == (host, name, "judge")
    assert entry["PASSWORD"] == ("pass@word" if "db" in host else "")
    assert entry["OPTIONS"]["pool"]["max_size"] == 5
    assert entry["CONN_MAX_AGE"] == 0


def test_the_url_may_set_what_the_driver_knows_but_not_the_pool() -> None:
    entry = databases.entry("postgres://judge@db/verdict?sslmode=verify-full&connect_timeout=3&pool=1", "")
    assert entry["OPTIONS"]["sslmode"] == "verify-full"
    assert entry["OPTIONS"]["connect_timeout"] == 3
    assert entry["OPTIONS"]["pool"]["max_size"] == 5


@pytest.mark.parametrize("url", ["mysql://u@h/verdict", "verdict.sqlite3", "postgres://judge@db/", "sqlite:///"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        databases.entry(url, "")
