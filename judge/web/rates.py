"""How often somebody may do something, and the headers that tell it: one seam for pages and the API.

    usage = count("submissions", "user:7", per_minute=10)     within the request, as deep as need be
    @tells_rates                                              on the view

Every answer of such a view for which something was counted tells of the limit that is nearest.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django_ratelimit import ALL
from django_ratelimit.core import get_usage

from judge.web import cache

RATE_HEADERS = {
    "X-RateLimit-Limit": "How many are allowed a minute.",
    "X-RateLimit-Remaining": "How many are left.",
    "X-RateLimit-Reset": "In how many seconds all are there again.",
}

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used of one limit; `seconds` until it is counted anew."""

    limit: int
    count: int
    seconds: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def is_exceeded(self) -> bool:
        return self.count > self.limit


_told: ContextVar[list[Usage] | None] = ContextVar("rates", default=None)


def count(group: str, key: str, per_minute: int) -> Usage | None:
    """Count one more of `group` for `key`. None where there is no limit (0), or no Redis that counts."""
    if not per_minute:
        return None
    found = get_usage(
        None,  # it would be asked for the key, which is known here
        group=group,
        key=lambda *_: key,
        rate=f"{per_minute}/m",
        method=ALL,
        increment=True,
    )
    if found is None or cache.is_away():
        return None
    usage = Usage(found["limit"], found["count"], max(1, found["time_left"]))
    if (told := _told.get()) is not None:
        told.append(usage)
    return usage


def tells_rates(view: Callable[Concatenate[HttpRequest, P], R]) -> Callable[Concatenate[HttpRequest, P], R]:
    """What was counted meanwhile stands in the answer's headers."""

    @wraps(view)
    def telling(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        token = _told.set([])
        try:
            response = view(request, *args, **kwargs)
            told = _told.get()
        finally:
            _told.reset(token)
        if told:
            nearest = min(told, key=lambda usage: usage.remaining)
            for name, value in zip(RATE_HEADERS, (nearest.limit, nearest.remaining, nearest.seconds), strict=True):
                response[name] = str(value)
        return response

    return telling
