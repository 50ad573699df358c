import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution import capacity
from execution.capacity import WorkerStat
from execution.states import State
from health.watch import watch
from problems.models import Problem
from tests.factories import make_submission


def announce(role: str, *, pid: int = 1, away: bool = False) -> None:
    capacity.announce(WorkerStat(f"{role}:{pid}", role, ["python3"], 3, idle=2, running=1, away=away))


@pytest.mark.django_db
class TestHealth:
    def test_it_tells_what_was_seen(self, client: Client) -> None:
        body = client.get("/health").json()
        assert set(body) == {"api", "timestamp", "uptime", "redis", "database"}
        assert body["api"] == "ok"
        assert eventually(client, "redis", "ok")
        assert eventually(client, "database", "ok")

    def test_it_says_when_redis_is_down(self, client: Client, settings: Any) -> None:
        settings.REDIS_URL = "unix:///nowhere/redis.sock"
        assert not watch.redis.answers(10)
        assert client.get("/health").status_code == 200
        assert eventually(client, "redis", "down")
        assert eventually(client, "database", "ok")


def test_it_needs_no_database(client: Client) -> None:
    """None is allowed in this test."""
    assert client.get("/health").json()["api"] == "ok"
    assert not watch.database.answers(10)
    assert client.get("/health").json()["database"] == "down"


def eventually(client: Client, part: str, state: str) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if client.get("/health").json()[part] == state:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.django_db
class TestReadiness:
    def test_all_parts_make_it_ready(self, client: Client) -> None:
        announce("judge")
        response = client.get("/readyz")
        assert (response.status_code, response.json()["maintenance"]) == (503, False)
        announce("maintenance")
        assert client.get("/readyz").json() == {
            "ready": True,
            "database": True,
            "redis": True,
            "judge": True,
            "maintenance": True,
        }

    def test_a_judge_that_gets_no_sandbox_is_none(self, client: Client) -> None:
        announce("maintenance")
        announce("judge", away=True)
        response = client.get("/readyz")
        assert (response.status_code, response.json()["judge"]) == (503, False)
        announce("judge", pid=2)
        assert client.get("/readyz").json()["ready"], "another has its own"

    def test_without_redis_it_is_not_ready(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def away() -> list[WorkerStat]:
            raise capacity.Unknown

        monkeypatch.setattr(capacity, "workers", away)
        response = client.get("/readyz")
        assert (response.status_code, response.json()["redis"]) == (503, False)


@pytest.mark.django_db
class TestDetailed:
    def test_it_is_for_staff(self, client: Client, contestant: User, staff: User) -> None:
        assert client.get("/health/detailed").status_code == 401
        client.force_login(contestant)
        assert client.get("/health/detailed").status_code == 403
        client.force_login(staff)
        assert client.get("/health/detailed").status_code == 200

    def test_it_shows_queue_pool_and_workers(
        self, client: Client, staff: User, contestant: User, problem: Problem
    ) -> None:
        announce("judge")
        announce("maintenance")
        make_submission(problem, contestant, queued_at=timezone.now() - timedelta(seconds=90))
        make_submission(problem, contestant, state=State.RUNNING)
        client.force_login(staff)
        body = client.get("/health/detailed").json()
        assert body["status"] == "ok"
        assert (body["queue"]["waiting"], body["queue"]["active"]) == (1, 1)
        assert 90 <= body["queue"]["oldestWaitSeconds"] < 120
        assert body["pool"] == {"idle": 2, "running": 1, "created": 0, "destroyed": 0, "reused": 0}
        assert [worker["role"] for worker in body["workers"]] == ["judge", "maintenance"]
        assert body["paused"] == {"everything": False, "problems": 0}
        assert body["redis"] == {"up": True}
        assert body["database"]["up"] is True
        assert 1000 < body["memory"]["rssKb"] <= body["memory"]["peakRssKb"] + 1000

    @pytest.mark.parametrize("role", ["judge", "maintenance"])
    def test_without_one_of_the_workers_it_is_degraded(self, client: Client, staff: User, role: str) -> None:
        announce(role)
        client.force_login(staff)
        assert client.get("/health/detailed").json()["status"] == "degraded"

    def test_while_the_judge_gets_no_sandbox_it_is_degraded(self, client: Client, staff: User) -> None:
        announce("judge", away=True)
        announce("maintenance")
        client.force_login(staff)
        body = client.get("/health/detailed").json()
        assert (body["status"], body["workers"][0]["away"]) == ("degraded", True)
