"""Connections to the database, which are few: who gives them back, and how they end."""

from django.db import connections


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
