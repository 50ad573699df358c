"""How queue, throughput and pool stood over the last hour: a sample every 10 s, taken by the maintenance worker.

They are kept in Redis, one capped list that ends an hour and a bit after the last one was taken, so that all processes
of the web show the same, and nothing grows. Lost with Redis, they are missed for an hour.
"""

import json
import logging
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django_redis import get_redis_connection
from redis.exceptions import RedisError

from execution.models import Judgement
from execution.states import State
from health import report

log = logging.getLogger(__name__)

EVERY_SECONDS = 10
KEPT_SECONDS = 3600
_KEY = "verdict:status-samples"
_LONGEST_JUDGING = timedelta(hours=2)  # from the queue to the verdict, of those that throughput counts


@dataclass(frozen=True, slots=True)
class Sample:
    """`at` is in seconds since 1970; `judged` counts the verdicts since the sample before; None: nobody knew."""

    at: int
    waiting: int | None
    active: int | None
    oldest_wait: float | None
    judged: int | None
    idle: int | None
    running: int | None


def take() -> None:
    """Take one, if Redis is there to keep it."""
    alive, lines = report.workers(), report.queue()
    if alive is None:
        log.warning("no sample is taken while Redis is away")
        return
    now, judges = int(time.time()), report.judges_of(alive)
    add(
        Sample(
            at=now,
            waiting=None if lines is None else report.count_of(lines, State.QUEUED),
            active=None if lines is None else report.count_of(lines, State.RUNNING),
            oldest_wait=None if lines is None else round(report.oldest_wait(lines), 1),
            judged=None if lines is None else _judged_since(_last_at(now)),
            idle=sum(judge.idle for judge in judges),
            running=sum(judge.running for judge in judges),
        )
    )


def add(sample: Sample) -> None:
    """Keep it, and of the others no more than an hour's."""
    with _redis().pipeline() as pipeline:
        pipeline.rpush(_KEY, json.dumps(asdict(sample)))
        pipeline.ltrim(_KEY, -KEPT_SECONDS // EVERY_SECONDS, -1)
        pipeline.expire(_KEY, KEPT_SECONDS + 60)
        pipeline.execute()


def last_hour() -> list[Sample]:
    """Those there are, the oldest first; none where Redis does not answer."""
    try:
        found = _redis().lrange(_KEY, 0, -1)
    except RedisError:
        return []
    samples = [Sample(**json.loads(entry)) for entry in found]
    return [sample for sample in samples if sample.at > time.time() - KEPT_SECONDS]


def _last_at(now: int) -> int:
    """When the last one was taken; if that is long ago, what was judged since then is not of this sample's time."""
    last = _redis().lindex(_KEY, -1)
    return max(json.loads(last)["at"] if last else 0, now - 2 * EVERY_SECONDS)


def _judged_since(moment: int) -> int:
    """Found among the latest rows by their keys, which have the time in them: `finished_at` has no index."""
    since = datetime.fromtimestamp(moment, UTC)
    oldest = UUID(int=int((since - _LONGEST_JUDGING).timestamp() * 1000) << 80)
    return Judgement.objects.filter(pk__gte=oldest, state=State.COMPLETED, finished_at__gte=since).count()


def _redis() -> Any:
    return get_redis_connection("default")
