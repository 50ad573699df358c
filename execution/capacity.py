"""Which workers are there, and what they can do: each says so in Redis every few seconds."""

from dataclasses import asdict, dataclass
from typing import cast

from django.core.cache import cache
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

ANNOUNCE_SECONDS = 5
_EXPIRE_SECONDS = 3 * ANNOUNCE_SECONDS
_PREFIX = "worker:"


@dataclass(frozen=True, slots=True)
class WorkerStat:
    """One worker process: `role` is "judge" or "maintenance"; its images, and its pool's figures (see PoolStat)."""

    name: str
    role: str
    images: list[str]
    concurrency: int
    idle: int = 0
    running: int = 0
    created: int = 0
    destroyed: int = 0
    reused: int = 0


def announce(stat: WorkerStat) -> None:
    """Say that this worker is alive; forgotten after 15 s."""
    cache.set(f"{_PREFIX}{stat.name}", asdict(stat), _EXPIRE_SECONDS)


def retire(name: str) -> None:
    """This worker is going."""
    cache.delete(f"{_PREFIX}{name}")


class Unknown(Exception):
    """Redis is away, so nobody knows."""


def workers() -> list[WorkerStat]:
    """Those that are alive. Raises Unknown where Redis is away."""
    try:
        found = cache.get_many(list(cast(RedisCache, cache).iter_keys(f"{_PREFIX}*")))
    except (RedisError, ConnectionInterrupted) as error:
        raise Unknown from error
    return sorted((WorkerStat(**stat) for stat in found.values()), key=lambda stat: stat.name)


def judges_are_there() -> bool:
    """Whether a judge worker is known to be alive."""
    try:
        return any(worker.role == "judge" for worker in workers())
    except Unknown:
        return False
