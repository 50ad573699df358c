"""Which workers are there, and what they can do: each says so in Redis every few seconds.

What a worker says is a key that expires soon; a sorted set has the names of those who said something, so that nobody
searches all that Redis holds. A name's score is when it runs out, by Redis's clock; those that have are taken out by
whoever says something next, so that one who is late and says it again at the same moment stays in.
"""

import time
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from django.core.cache import cache
from django_redis import get_redis_connection
from redis.exceptions import RedisError

ANNOUNCE_SECONDS = 5
_EXPIRE_SECONDS = 3 * ANNOUNCE_SECONDS
_PREFIX = "worker:"
_NAMES = "verdict:worker-names"
_REMEMBER_SECONDS = 5.0
_NEVER: tuple[float, frozenset[str]] = float("-inf"), frozenset()
_last_seen = _NEVER


@dataclass(frozen=True, slots=True)
class WorkerStat:
    """One worker process: `role` is "judge" or "maintenance"; its pool's figures are those of PoolStat.

    `images` are those that it judges with; `missing` those that it can't, as it has found. Others it doesn't know yet.
    `away`: it can make no sandbox just now (its Docker engine is gone, say).
    """

    name: str
    role: str
    images: list[str]
    concurrency: int
    idle: int = 0
    running: int = 0
    created: int = 0
    destroyed: int = 0
    reused: int = 0
    missing: list[str] = field(default_factory=list)
    away: bool = False

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """What a worker said; a newer one may say more than is known here."""
        return cls(**{known.name: said[known.name] for known in fields(cls) if known.name in said})


def announce(stat: WorkerStat) -> None:
    """Say that this worker is alive; forgotten after 15 s."""
    cache.set(f"{_PREFIX}{stat.name}", asdict(stat), _EXPIRE_SECONDS)
    try:
        now, _ = _redis().time()
        with _redis().pipeline() as pipeline:
            pipeline.zadd(_NAMES, {stat.name: now + _EXPIRE_SECONDS})
            pipeline.zremrangebyscore(_NAMES, "-inf", now)
            pipeline.expire(_NAMES, _EXPIRE_SECONDS)
            pipeline.execute()
    except RedisError:
        pass  # as with the cache: said again soon


def retire(name: str) -> None:
    """This worker is going."""
    cache.delete(f"{_PREFIX}{name}")


class Unknown(Exception):
    """Redis is away, so nobody knows."""


def workers() -> list[WorkerStat]:
    """Those that are alive. Raises Unknown where Redis is away."""
    try:
        names = [name.decode() for name in _redis().zrange(_NAMES, 0, -1)]
    except RedisError as error:
        raise Unknown from error
    found = cache.get_many([f"{_PREFIX}{name}" for name in names])
    return sorted((WorkerStat.of(said) for said in found.values()), key=lambda stat: stat.name)


def missing_images() -> frozenset[str]:
    """Images that no judge has, and some judge something else: as known in this process some seconds ago.

    Empty where nothing is known: no judge is there, none of them gets anything done, or Redis is away.
    """
    global _last_seen  # noqa: PLW0603 - a cache of one value
    when, images = _last_seen
    if time.monotonic() - when > _REMEMBER_SECONDS:
        images = _find_missing()
        _last_seen = time.monotonic(), images
    return images


def forget() -> None:
    """Look anew when asked next."""
    global _last_seen  # noqa: PLW0603
    _last_seen = _NEVER


def _find_missing() -> frozenset[str]:
    try:
        judges = [worker for worker in workers() if worker.role == "judge"]
    except Unknown:
        return frozenset()
    if not judges or not all(judge.images for judge in judges):
        return frozenset()
    return frozenset.intersection(*(frozenset(judge.missing) for judge in judges))


def judges_are_there() -> bool:
    """Whether a judge worker is known to be alive."""
    try:
        return any(worker.role == "judge" for worker in workers())
    except Unknown:
        return False


def _redis() -> Any:
    return get_redis_connection("default")
