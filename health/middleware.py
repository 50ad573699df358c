"""What every request passes: the counting, and the door that is half closed while the database is away."""

import threading
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from health.watch import watch
from judge.web.errors import error_response

MOST_WAITING = 4  # of the threads that judge/gunicorn.py gives each process
GRACE_SECONDS = 0.05
RETRY_SECONDS = 5
_NEVER_WAIT = frozenset({"/health", "/livez", "/readyz"})

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_requests = Counter("verdict_http_requests", "Requests that were answered.", ["method", "route", "status"])
_seconds = Histogram(
    "verdict_http_request_duration_seconds", "From a request to its answer, in the application.", ["method", "route"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip


class RequestMetricsMiddleware:
    """Stands first, so that it sees what the others answer. Of paths and methods it tells only those that are ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "other"
        route = _route(request)
        _requests.labels(method, route, response.status_code).inc()
        _seconds.labels(method, route).observe(time.perf_counter() - began)
        return response


def _route(request: HttpRequest) -> str:
    """The pattern of the path, like "/problems/<slug:slug>/"; "none" where nothing is there, or a static file."""
    match = request.resolver_match
    return f"/{match.route}" if match else "none"


class SpareThreadsMiddleware:
    """Leaves threads for /health while the database hangs, for which all of them would soon be waiting.

    Then at most MOST_WAITING requests of a process wait for it, and others are told at once to come back (503). Stands
    before all that asks the database who is asking.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._inside = 0
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in _NEVER_WAIT or _is_a_scraper(request):
            return self.get_response(request)
        if self._inside >= MOST_WAITING and watch.database.state == "down" and not _is_back():
            return error_response(request, 503, wait=RETRY_SECONDS)
        self._step(+1)
        try:
            return self.get_response(request)
        finally:
            self._step(-1)

    def _step(self, by: int) -> None:
        with self._lock:
            self._inside += by


def _is_a_scraper(request: HttpRequest) -> bool:
    """Its token is looked at before anything is asked of the database, and it is told what there is to tell."""
    return request.path == "/metrics" and request.headers.get("Authorization", "").lower().startswith("bearer ")


def _is_back() -> bool:
    """What was seen is seconds old."""
    return watch.database.answers(GRACE_SECONDS)
