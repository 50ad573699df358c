"""What everybody may read of problems, kept in Redis for a few minutes. The one module that knows the keys.

    problems:generation         a random mark
    problems:list               (generation, problem_list())
    problems:detail:<slug>      (generation, problem_detail() of that slug)
    problems:catalog            (generation, what `execution.catalog` lists)

Every value is kept together with the *generation* of problems it was made in. Any change of a problem starts a new
generation once it is committed, so that all that was kept before no longer counts; nor does what a reader who loaded
before the change writes after it, since it bears the old generation. A hit is one round trip.

Only what is public is kept: what is for its owner and staff alone is read from the database each time, so that no key
can show it to others.

Without Redis everything comes from the database. The first failure makes this process leave Redis alone for a while,
so that a Redis that hangs costs one timeout now and then, not several for every request. A change that Redis can't be
told of shows once the values that it holds have run out.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from accounts.models import User
from problems import detail
from problems.models import Problem, ProblemVersion, bulk_changed

log = logging.getLogger(__name__)
Json = dict[str, Any]
Value = TypeVar("Value")

REST_SECONDS = 5.0
_GENERATION = "problems:generation"
_GENERATION_SECONDS = 24 * 3600
_rests_until = 0.0  # on the monotonic clock: Redis failed and is left alone till then


def problem_list() -> list[Json]:
    """The public problems, by slug: {slug, title, timeLimitMs, memoryLimitMb, source, keywords} each."""
    return kept("problems:list", detail.public_list) or []


def problem_detail(slug: str, user: User | AnonymousUser) -> Json:
    """All that may be read of a problem (`problems.detail.of`).

    Raises Problem.DoesNotExist if there is none of that slug or `user` may not read it, which look alike.
    """
    public = kept(f"problems:detail:{slug}", lambda: _public_detail(slug))
    if public is not None:
        return public
    return detail.of(Problem.objects.visible_to(user).select_related("version").get(slug=slug))


def drop() -> None:
    """Forget all that is kept; called on commit by whatever changes a problem."""
    _set_generation()


def _public_detail(slug: str) -> Json | None:
    problem = Problem.objects.public().select_related("version").filter(slug=slug).first()
    return detail.of(problem) if problem else None


def kept(key: str, load: Callable[[], Value | None], seconds: int | None = None) -> Value | None:
    """The value kept under the key in this generation, else what `load` gives; None is not kept.

    `seconds` is how long, PROBLEM_CACHE_SECONDS unless given.
    """
    if time.monotonic() < _rests_until:
        return load()
    found = _attempt(lambda redis: redis.get_many([_GENERATION, key]))
    if found is None:
        return load()
    generation = found.get(_GENERATION) or _set_generation()
    made_in, kept = found.get(key, (None, None))
    if made_in == generation:
        return cast("Value", kept)
    value = load()
    if value is not None:
        _attempt(lambda redis: redis.set(key, (generation, value), timeout=seconds or settings.PROBLEM_CACHE_SECONDS))
    return value


def _set_generation() -> str:
    generation = uuid4().hex
    _attempt(lambda redis: redis.set(_GENERATION, generation, timeout=_GENERATION_SECONDS))
    return generation


def _attempt(action: Callable[[Any], Value]) -> Value | None:
    """What the action on Redis gives, None if Redis fails, which it is then given time to recover from."""
    global _rests_until  # noqa: PLW0603 - one Redis, one process, one mark
    backend = caches["default"]
    try:
        # The client itself: the backend around it swallows the failures that we want to know of.
        client: Any = getattr(backend, "client", backend)
        return action(client)
    except (ConnectionInterrupted, RedisError, OSError) as error:
        _rests_until = time.monotonic() + REST_SECONDS
        log.warning("Problems are served without Redis for %g s: %s", REST_SECONDS, error)
        return None


def _drop_on_commit(sender: object, **kwargs: object) -> None:
    transaction.on_commit(drop)


def watch() -> None:
    """Drop what is kept whenever problems or their versions change."""
    for model in (Problem, ProblemVersion):
        for signal in (post_save, post_delete, bulk_changed):
            signal.connect(_drop_on_commit, sender=model, dispatch_uid="problems.cache")
