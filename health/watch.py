"""Looks at what we depend on from a thread of its own, so that /health can answer from memory."""

import logging
import threading
import time
from dataclasses import dataclass

import redis
from django.conf import settings

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Seen:
    """How what we depend on was last seen: "ok", "down", or "unknown" before the first look."""

    redis: str = "unknown"


class Watch:
    """Pings Redis every few seconds, from a thread that starts with the first question: a forked server has its own."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self._seen = Seen()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def seen(self) -> Seen:
        """The last look; never waits."""
        if self._thread is None:
            self._start()
        return self._seen

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._look_on, name="health-watch", daemon=True)
                self._thread.start()

    def _look_on(self) -> None:
        timeout = settings.REDIS_TIMEOUT_SECONDS
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=timeout, socket_connect_timeout=timeout)
        while True:
            self._seen = Seen(redis="ok" if _answers(client) else "down")
            time.sleep(INTERVAL_SECONDS)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError) as error:
        log.warning("Redis does not answer: %s", error)
        return False


watch = Watch()
