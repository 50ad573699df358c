"""DATABASE_URL as an entry of Django's DATABASES."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from judge.env import env

MAX_CONNECTIONS = 5  # of a process
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 10


def entry(url: str, test_file: str) -> dict[str, Any]:
    """The entry for an URL such as `sqlite:////srv/verdict.sqlite3` or `postgres://user:password@host/name`.

    `test_file` is the tests' SQLite database. Raises ImproperlyConfigured for any other kind of database.
    """
    kind = url.partition("://")[0]
    if kind not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://")
    config: dict[str, Any] = env.db_url_config(url)
    if config["NAME"] in {"", ":memory:"}:
        raise ImproperlyConfigured("DATABASE_URL names no database")
    return _sqlite(config, test_file) if kind == "sqlite" else _postgres(config)


def _sqlite(config: dict[str, Any], test_file: str) -> dict[str, Any]:
    """Readers never wait, writers wait for each other at BEGIN. A connection costs little and is kept.

    There is one for each thread, so what it keeps is small: the kernel's cache, behind it, is everybody's.
    """
    return config | {
        "ENGINE": "judge.sqlite",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "cached_statements": 32,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-1000;",
        },
        "TEST": {"NAME": test_file},  # a file: threads share it as in earnest
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def _postgres(config: dict[str, Any]) -> dict[str, Any]:
    """A pool, in which every wait ends: for a connection, for an answer, and others' for a transaction of ours."""
    limit = STATEMENT_SECONDS * 1000
    return config | {
        "ENGINE": "judge.postgresql",
        "OPTIONS": {
            "connect_timeout": CONNECT_SECONDS,
            # Who is stopped in the middle of a transaction would hold its locks for good.
            "options": f"-c statement_timeout={limit} -c idle_in_transaction_session_timeout={limit}",
            # A server that is gone without a word, where the kernel would wait for a quarter of an hour.
            "tcp_user_timeout": limit,
            "keepalives_idle": CONNECT_SECONDS,
            "keepalives_interval": CONNECT_SECONDS,
        }
        | config.get("OPTIONS", {})
        | {
            "pool": {
                "min_size": 0,
                "max_size": MAX_CONNECTIONS,
                "timeout": CONNECT_SECONDS,
                # Pauses between attempts grow as long as this lasts: a server that is back should be noticed soon.
                "reconnect_timeout": CONNECT_SECONDS,
            },
        },
        "CONN_MAX_AGE": 0,  # the pool keeps them
        "CONN_HEALTH_CHECKS": False,  # judge.postgresql checks them
    }
