"""Connections to the database, which are few: who gives them back, and how they end."""

import sqlite3
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connections

P = ParamSpec("P")
T = TypeVar("T")
RETRY_SECONDS = 0.5
_SQLITE_AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN}
_POSTGRES_AWAY = ("08", "53300", "57P")  # connections that break, are too many, or are ended by its administrator


def is_away(error: BaseException | None) -> bool:
    """Whether the database could not be reached, or had something else to do for too long: that passes by itself.

    Whatever else goes wrong there (a table that is missing, a statement that takes too long) is a fault of ours.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    state: str | None = getattr(cause, "sqlstate", "none of PostgreSQL's")
    return state is None or state.startswith(_POSTGRES_AWAY)  # no answer, no state


def patient(seconds: float) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Has a function tried again while the database is away, for about so long; then what it raised last is raised.

    It may have done its work, and only the answer was lost: to do it once more must be harmless.
    """

    def decorate(act: Callable[P, T]) -> Callable[P, T]:
        @wraps(act)
        def patiently(*args: P.args, **kwargs: P.kwargs) -> T:
            until = time.monotonic() + seconds
            while True:
                try:
                    return act(*args, **kwargs)
                except (OperationalError, InterfaceError) as error:
                    if not is_away(error) or time.monotonic() >= until:
                        raise
                give_back()
                time.sleep(RETRY_SECONDS)

        return patiently

    return decorate


def give_back() -> None:
    """Leave this thread's to the others, where they come from a pool, and let go of broken ones.

    Requests and tasks do so at their end; whoever works for long without the database calls this. Within a transaction
    it does nothing.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def close_all() -> None:
    """Close this thread's, and those that wait in a pool for whichever thread comes next."""
    for connection in connections.all():
        connection.close()
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()
