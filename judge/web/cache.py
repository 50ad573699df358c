"""django-redis's client, for a Redis that may be away: nobody waits for it twice, and one line in the log says so."""

import logging
import threading
import time
from typing import Any, cast

import redis
from django_redis import get_redis_connection
from django_redis.client import DefaultClient
from django_redis.exceptions import ConnectionInterrupted

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5


class Outage:
    """Whether Redis was found to be away. For PAUSE_SECONDS after it was, nobody need ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: float | None = None
        self._ask_again = 0.0

    def is_certain(self) -> bool:
        return time.monotonic() < self._ask_again

    def lasts(self) -> bool:
        """Whether the last answer that was asked for has not come."""
        return self._since is not None

    def go_on(self, error: Exception) -> None:
        with self._lock:
            now = time.monotonic()
            self._ask_again = now + PAUSE_SECONDS
            if self._since is None:
                self._since = now
                log.warning("Redis does not answer; going on without: %s", error)

    def end(self) -> None:
        if self._since is None:
            return
        with self._lock:
            if self._since is not None:
                log.warning("Redis answers again, after %.1f s", time.monotonic() - self._since)
                self._since = None


class Pool(redis.ConnectionPool):
    """The connections of a process to one Redis, and what became of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outage = Outage()


class Connection(redis.Redis):
    """A request asks a dozen times: without Redis it would wait for a dozen timeouts. Here it waits for the first."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        outage = cast(Pool, self.connection_pool).outage
        if outage.is_certain():
            raise redis.ConnectionError("it did not answer just now")
        try:
            answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (redis.ConnectionError, redis.TimeoutError) as error:
            outage.go_on(error)
            raise
        outage.end()
        return answer


class Client(DefaultClient):
    """Whoever takes a lock by `add` gets it when there is no Redis to ask: allauth would else let nobody log in."""

    def add(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().add(*args, **kwargs))
        except ConnectionInterrupted:
            return True


def is_away() -> bool:
    """Whether Redis was found to be away: what the cache says then is made up."""
    return cast(Pool, get_redis_connection("default").connection_pool).outage.lasts()
