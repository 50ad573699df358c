"""Looks at what we depend on from threads of their own, so that /health can answer from memory.

A server that is gone refuses at once; one that hangs (its machine is away, it is stopped) takes a connection and never
answers, and some clients wait for minutes. So nobody waits for a look: it has PATIENCE_SECONDS, and as long as one
takes longer, what it looks at is down. There is never more than one look at a thing under way, however often and
impatiently it is asked for.
"""

import logging
import threading
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import connection

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 2.0
PATIENCE_SECONDS = 1.0


class Probe:
    """Looks at one thing every few seconds, and when asked to, from a thread that starts with the first question: a
    forked server has its own. `look` raises where the thing does not answer."""

    def __init__(self, name: str, look: Callable[[], object]) -> None:
        self._name = name
        self._look = look
        self._state = "unknown"
        self._began: float | None = None  # the look that is under way
        self._asked = self._answering = self._answered = 0  # questions, numbered
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> str:
        """How it was last seen: "ok", "down", or "unknown" before the first look. Never waits."""
        self._start()
        began = self._began
        if began is not None and time.monotonic() - began > PATIENCE_SECONDS:
            return "down"
        return self._state

    def answers(self, seconds: float) -> bool:
        """Whether a look that begins now ends well; waits at most that long."""
        self._start()
        with self._changed:
            self._asked += 1
            mine = self._asked
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._answered >= mine, seconds) and self._state == "ok"

    def _start(self) -> None:
        if self._thread is None:
            with self._changed:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._look_on, name=f"watch-{self._name}", daemon=True)
                    self._thread.start()

    def _look_on(self) -> None:
        while True:
            with self._changed:
                self._answering = self._asked
                self._began = time.monotonic()
            state = "ok" if self._succeeds() else "down"
            with self._changed:
                self._state, self._began, self._answered = state, None, self._answering
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._asked > self._answered, INTERVAL_SECONDS)

    def _succeeds(self) -> bool:
        try:
            self._look()
        except Exception as error:  # whatever it is, without this thread nobody would notice that it is over
            if self._state != "down":  # one line for an outage
                log.warning("%s does not answer: %s", self._name, error)
            return False
        if self._state == "down":
            log.warning("%s answers again", self._name)
        return True


class Watch:
    """What this process watches."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.redis = Probe("Redis", _look_at_redis)
        self.database = Probe("database", _look_at_database)


def _look_at_redis() -> None:
    timeout = settings.REDIS_TIMEOUT_SECONDS
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=timeout, socket_connect_timeout=timeout) as client:
        client.ping()


def _look_at_database() -> None:
    """With a connection of its own: that all of a pool are in use is no outage."""
    probe = connection.copy("probe")
    probe.settings_dict["OPTIONS"].pop("pool", None)
    try:
        with probe.cursor() as cursor:
            cursor.execute("SELECT 1 FROM execution_judgement LIMIT 1")
    finally:
        probe.close()


watch = Watch()
