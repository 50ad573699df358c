"""One id per request, on the response, in every log line, and passed on to the workers."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

NOBODYS = "-"
_current: ContextVar[str] = ContextVar("request_id", default=NOBODYS)
_acceptable = re.compile(r"[A-Za-z0-9._-]{1,64}")


def current() -> str:
    """The id of the request being served, NOBODYS outside of one."""
    return _current.get()


def adopt(request_id: str) -> None:
    """Be known by this id from now on: for what is no request, such as a task."""
    _current.set(request_id)


@contextmanager
def resumed(request_id: str) -> Iterator[None]:
    """Go on, in a worker, under the id of the request that asked for the work."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Takes a well-formed X-Request-ID from the client, else makes one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _acceptable.fullmatch(offered) else uuid4().hex
        token = _current.set(request_id)
        request.request_id = request_id  # type: ignore[attr-defined]  # for log lines about it that come later
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response["X-Request-ID"] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Puts `request_id` on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or current()
        return True
