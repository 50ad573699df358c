"""Remembers when an API token was used last: to the minute, and at no request's cost.

A request only looks into the memory of its process. Once a minute a thread of its own writes, which nobody waits for;
what it can't write, because the database is busy or away, the next minute's does.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import TokenUse

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
MAX_KNOWN = 10_000  # tokens of whose last use a process knows

_noted: dict[str, float] = {}  # by a token's digest, on the monotonic clock
_writer = ThreadPoolExecutor(1, "last-use")  # starts its thread when there is something to write


def note(token: AuthToken) -> None:
    """That the token was used just now."""
    now = time.monotonic()
    if now - _noted.get(token.pk, float("-inf")) < EVERY.total_seconds():
        return
    if len(_noted) >= MAX_KNOWN:
        _noted.clear()
    _noted[token.pk] = now
    _writer.submit(_write_and_hang_up, token.pk)


def write(digest: str) -> None:
    """Unless another process has within this minute."""
    now = timezone.now()
    TokenUse.objects.get_or_create(token_id=digest)
    due = Q(last_used=None) | Q(last_used__lte=now - EVERY)
    TokenUse.objects.filter(due, token_id=digest).update(last_used=now)


def _write_and_hang_up(digest: str) -> None:
    try:
        with transaction.atomic():
            write(digest)
    except DatabaseError as error:  # the token may be gone, too
        log.warning("a token's use was not noted: %s", error)
        _noted.pop(digest, None)
    finally:
        connection.close()
