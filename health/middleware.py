"""Counts and times every request, by method, route and status."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

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
