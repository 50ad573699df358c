"""Health for load balancers (/health, /livez, /readyz), for operators (/health/detailed, the status page), and for
Prometheus (/metrics)."""

import json
import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.permissions import IsAdminUser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from execution.access import staff_only
from health import exposition, report, status
from health.access import IsScraper, ScraperAuthentication
from health.watch import watch

WORDS = {  # of static/js/status.js
    "out": _("You are signed out, or are staff no more: this page is not kept up any longer."),
    "trouble": _("The server is in trouble. What stands here is old; it is asked again."),
    "silent": _("The server does not answer. What stands here is old; it is asked again."),
}


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """From memory, in a millisecond: it never waits for anything."""
    return JsonResponse(
        {
            "api": "ok",
            "timestamp": timezone.now().isoformat().replace("+00:00", "Z"),
            "uptime": round(time.monotonic() - watch.started, 1),
            "redis": watch.redis.state,
            "database": watch.database.state,
        }
    )


@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """This process serves."""
    return JsonResponse({"live": True})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if a submission would be judged: database, Redis, a judge and a maintenance worker are there; else 503.

    It takes a second at most, whatever hangs.
    """
    state = report.readiness()
    response = JsonResponse(state, status=200 if state["ready"] else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # to wait for the others at the start is no error
    return response


class DetailedView(APIView):
    """Everything an operator wants to know first; for staff, by session or token."""

    permission_classes = [IsAdminUser]
    schema = None

    def get(self, request: Request) -> Response:
        return Response(report.detailed())


class MetricsView(APIView):
    """For whoever brings METRICS_TOKEN, and for staff, by session or token; others get what /health/detailed gives."""

    # The scraper first: its token needs no database.
    authentication_classes = [ScraperAuthentication, *APIView.authentication_classes]
    permission_classes = [IsScraper | IsAdminUser]
    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """There is one format, which those who ask for another take, too."""
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(exposition.exposition(), content_type=exposition.CONTENT_TYPE)


@staff_only
@never_cache
@require_safe
def status_page(request: HttpRequest) -> HttpResponse:
    """Queue, throughput and pool over the last hour; its script keeps it fresh."""
    context = {"status": status.status(), "words_json": json.dumps({name: str(text) for name, text in WORDS.items()})}
    return render(request, "health/status.html", context)


@staff_only
@never_cache
@require_safe
def status_data(request: HttpRequest) -> JsonResponse:
    """The same, as the page's script takes it."""
    return JsonResponse(status.status().body())
