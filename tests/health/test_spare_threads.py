"""While the database is away, requests that wait for it leave threads to others."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from health import middleware
from health.middleware import MOST_WAITING, SpareThreadsMiddleware
from health.watch import Probe
from judge.settings import MIDDLEWARE


class Door:
    """The middleware, before a view that hangs until `end`."""

    def __init__(self) -> None:
        self._end, self._inside = threading.Event(), threading.Semaphore(0)
        self.door = SpareThreadsMiddleware(self._hang)

    def _hang(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/hang":
            self._inside.release()
            self._end.wait(30)
        return HttpResponse("done")

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.door(RequestFactory().get(path, headers={"Accept": "application/json"} | headers))

    def fill(self, pool: ThreadPoolExecutor) -> None:
        """As many as may wait are inside."""
        for _ in range(MOST_WAITING):
            pool.submit(self.get, "/hang")
        for _ in range(MOST_WAITING):
            assert self._inside.acquire(timeout=10)

    def end(self) -> None:
        self._end.set()


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    with ThreadPoolExecutor(MOST_WAITING) as pool:
        door.fill(pool)
        yield door
        door.end()


def fail() -> None:
    raise OSError("refused")


def see(monkeypatch: pytest.MonkeyPatch, look: Callable[[], None], state: str) -> None:
    """The database was last seen so, and is now as the look finds it."""
    probe = Probe("database", look)
    monkeypatch.setattr(Probe, "state", state)
    monkeypatch.setattr("health.middleware.watch.database", probe)


def test_past_so_many_they_are_told_to_come_back(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    see(monkeypatch, fail, "down")
    response = door.get("/problems/a/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_health_is_always_let_through(door: Door, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    see(monkeypatch, fail, "down")
    assert door.get(path).status_code == 200


def test_of_those_who_ask_for_metrics_only_a_scraper_asks_no_database(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, fail, "down")
    assert door.get("/metrics", Authorization="Bearer x").status_code == 200
    assert door.get("/metrics", Authorization="Token x").status_code == 503


@pytest.mark.parametrize("state", ["ok", "unknown"])
def test_nobody_is_refused_while_the_database_is_there(door: Door, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    see(monkeypatch, lambda: None, state)
    assert door.get("/problems/a/").status_code == 200


def test_nobody_is_refused_once_it_is_back(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it was last seen down."""
    monkeypatch.setattr(middleware, "GRACE_SECONDS", 10)
    see(monkeypatch, lambda: None, "down")
    assert door.get("/problems/a/").status_code == 200


def test_a_few_may_find_out_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    see(monkeypatch, fail, "down")
    assert Door().get("/problems/a/").status_code == 200


def test_it_stands_before_all_that_asks_the_database() -> None:
    place = MIDDLEWARE.index("health.middleware.SpareThreadsMiddleware")
    assert place < MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware")
    assert place > MIDDLEWARE.index("judge.web.request_id.RequestIdMiddleware")
