"""The cache without Redis: one wait, one line, and back again."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django_redis.cache import RedisCache

from judge.web import cache as cache_module


class BlackHole:
    """Takes connections and never answers."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(self.address)
        self._server.listen(64)

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def hole(tmp_path: Path) -> Iterator[BlackHole]:
    hole = BlackHole(tmp_path / "s")
    yield hole
    hole.close()


def cache_at(settings: Any, address: str) -> RedisCache:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"unix://{address}"}}
    made = caches.create_connection("default")
    assert isinstance(made, RedisCache)
    return made


def test_a_redis_that_hangs_is_waited_for_once(
    hole: BlackHole, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cache = cache_at(settings, hole.address)
    began = time.monotonic()
    assert cache.get("a", "nothing") == "nothing"
    for _ in range(20):
        cache.set("a", 1)
        assert cache.get("a") is None
        assert cache.add("lock", 1) is True
        cache.delete("a")
    assert time.monotonic() - began < 2 * settings.REDIS_TIMEOUT_SECONDS + cache_module.PAUSE_SECONDS
    said = [record.name for record in caplog.records if record.name != "health.watch"]  # a thread of its own
    assert said == ["judge.web.cache"]


def test_it_is_asked_again_after_a_pause(settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = 1000.0
    outage = cache_module.Outage()
    caplog.set_level(logging.WARNING)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("judge.web.cache.time.monotonic", lambda: now)
        for _ in range(3):
            outage.go_on(OSError("gone"))
            assert outage.is_certain()
        now += cache_module.PAUSE_SECONDS
        assert not outage.is_certain()
        outage.end()
        outage.end()
    assert [record.getMessage().split(";")[0].split(",")[0] for record in caplog.records] == [
        "Redis does not answer",
        "Redis answers again",
    ]


def test_one_that_answers_is_left_in_peace(settings: Any, db: None) -> None:
    cache = caches["default"]
    threads = [threading.Thread(target=cache.set, args=(f"k{i}", i)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.get_many([f"k{i}" for i in range(8)]) == {f"k{i}": i for i in range(8)}
