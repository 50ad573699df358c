import time
from datetime import timedelta
from typing import Any

import pytest
from celery.schedules import schedule
from django.conf import settings as configured
from django.utils import timezone
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from accounts.models import User
from execution import capacity
from execution.capacity import WorkerStat
from execution.states import State
from health import samples, tasks
from health.samples import Sample
from judge.web.ids import uuid7
from problems.models import Problem
from tests.factories import make_submission

pytestmark = pytest.mark.django_db


def test_a_sample_tells_queue_throughput_and_pool(problem: Problem, contestant: User) -> None:
    capacity.announce(WorkerStat("a:1", "judge", ["python3"], 3, idle=2, running=1))
    capacity.announce(WorkerStat("a:2", "judge", ["python3"], 3, idle=1, running=3))
    make_submission(problem, contestant, queued_at=timezone.now() - timedelta(seconds=90))
    make_submission(problem, contestant, state=State.RUNNING)
    make_submission(problem, contestant, state=State.COMPLETED, finished_at=timezone.now())
    tasks.sample()
    [sample] = samples.last_hour()
    assert (sample.waiting, sample.active, sample.idle, sample.running, sample.judged) == (1, 1, 3, 4, 1)
    assert sample.oldest_wait is not None
    assert 90 <= sample.oldest_wait < 120
    assert abs(sample.at - time.time()) < 60


def test_each_verdict_is_counted_once(problem: Problem, contestant: User) -> None:
    """Also where two maintenance workers take samples."""
    now = timezone.now()
    for ago in (1, 3, 30):
        make_submission(problem, contestant, state=State.COMPLETED, finished_at=now - timedelta(seconds=ago))
    samples.take()
    add(at=int(time.time()) + 2)
    samples.take()
    assert [sample.judged for sample in samples.last_hour()] == [2, 0, 0], "30 s ago is not of a sample's time"


def test_old_ones_are_not_shown_and_the_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    add(at=int(time.time()) - samples.KEPT_SECONDS - 5)
    add(at=int(time.time()) - 5)
    assert len(samples.last_hour()) == 1
    monkeypatch.setattr(samples, "KEPT_SECONDS", 3 * samples.EVERY_SECONDS)
    for _ in range(5):
        samples.take()
    connection = get_redis_connection("default")
    assert connection.llen(samples._KEY) == 3
    assert 0 < connection.ttl(samples._KEY) <= samples.KEPT_SECONDS + 60


def test_without_redis_there_are_none_and_nothing_breaks(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            raise RedisError("away")

    monkeypatch.setattr(samples, "_redis", Away)
    monkeypatch.setattr("health.report.workers", lambda: None)
    samples.take()
    assert samples.last_hour() == []


def test_without_the_database_the_pool_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    capacity.announce(WorkerStat("a:1", "judge", ["python3"], 3, idle=2))
    monkeypatch.setattr("health.report.queue", lambda: None)
    samples.take()
    [sample] = samples.last_hour()
    assert (sample.waiting, sample.judged, sample.idle) == (None, None, 2)


def test_keys_have_the_time_in_them() -> None:
    """By that, throughput finds the latest rows."""
    assert abs((uuid7().int >> 80) / 1000 - time.time()) < 60


def test_the_clock_takes_them() -> None:
    assert configured.CELERY_BEAT_SCHEDULE["health.tasks.sample"]["schedule"] == schedule(samples.EVERY_SECONDS)


def add(**figures: Any) -> None:
    """A sample as if it had been taken."""
    values: dict[str, Any] = dict.fromkeys(Sample.__dataclass_fields__, 0) | figures
    samples.add(Sample(**values))
