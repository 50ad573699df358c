"""The one shape of every error, and the pages that say the same to people.

    {"message", "status", "timestamp", "path", "requestId"}, plus "errors" ({field: [messages]}) for invalid input

Everything under /api/, unknown paths included, and whoever asks for JSON gets the shape; others get a page. Messages
are in English here and in the shape; pages translate them.
"""

import logging
import sys
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from rest_framework import exceptions, status
from rest_framework.views import exception_handler as drf_exception_handler

from judge.web import connections, request_id

log = logging.getLogger(__name__)

MESSAGES = {
    400: _("The request could not be understood."),
    401: _("Sign in first: this needs a session or an API token."),
    403: _("You may not do that."),
    404: _("There is nothing here."),
    405: _("This method is not allowed here."),
    406: _("There is no answer in the format asked for."),
    411: _("Say how long the request is: a body sent in chunks is not read."),
    413: _("The request is too large."),
    415: _("The request's format is not supported."),
    429: _("Too many requests. Wait a moment and try again."),
    500: _("Something went wrong on our side. It has been noted."),
    503: _("The service is busy just now. Try again in a moment."),
}

# What to do next, on pages.
ADVICE = {
    400: _("If you followed a link, it may have been cut short. If you sent a form, go back and try once more."),
    403: _("If you came from a form of ours, go back, reload the page and try again."),
    404: _("The address may be mistyped, or what was here is not yours to see."),
    405: _("Go back, and use the buttons of the page."),
    413: _("Go back and send less at once: what you typed is still there."),
    429: _("Go back then, and send it again: what you typed is still there."),
    500: _("Try again in a moment. What you have submitted is not lost."),
    503: _("Nothing that was accepted is lost. Go back then, and send again what you typed."),
}

EXPIRED_FORM = _("This form has expired. Go back, reload the page and send it again.")

AWAY_SECONDS = 5  # until somebody should ask again for what needs the database

# What Django raises over a body that can't be read: it is malformed, or its sender is gone.
UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


class TooManyRequests(exceptions.APIException):
    """429: this user's own limit is met; `wait` is in seconds."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_detail = MESSAGES[429]

    def __init__(self, detail: str, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait


class Busy(exceptions.APIException):
    """503: the platform's own limit is met; `wait` is in seconds."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = MESSAGES[503]

    def __init__(self, detail: str, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait


class TooLarge(exceptions.APIException):
    """413."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = MESSAGES[413]


def error_body(path: str, code: int, message: str = "", errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """An error as JSON says it."""
    body: dict[str, Any] = {
        "message": message or MESSAGES.get(code, "Something went wrong."),
        "status": code,
        "timestamp": timezone.now().isoformat().replace("+00:00", "Z"),
        "path": path,
        "requestId": request_id.current(),
    }
    if errors is not None:
        body["errors"] = errors
    return body


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's hook: the same statuses and headers, in our shape, as JSON in any case. None for our own faults and the
    database's: `server_error` answers them."""
    exc = _as_api_error(exc)
    response = drf_exception_handler(exc, context)
    if response is None:
        return None
    errors = _field_errors(exc.detail) if isinstance(exc, exceptions.ValidationError) else None
    message = "The input is not valid." if errors is not None else _message_of(exc)
    body = error_body(context["request"].path, response.status_code, message, errors)
    headers = {name: response[name] for name in ("WWW-Authenticate", "Retry-After") if name in response}
    return JsonResponse(body, status=response.status_code, headers=headers)


def error_response(request: HttpRequest, code: int, message: str = "", wait: int | None = None) -> HttpResponse:
    """An error outside of DRF: JSON under /api/ and for those who ask for it, else a page."""
    response: HttpResponse
    if _wants_json(request):
        response = JsonResponse(error_body(request.path, code, message), status=code)
    else:
        context = {
            "code": code,
            "message": gettext(message or MESSAGES[code]),
            "advice": gettext(ADVICE[code]) if code in ADVICE else "",
            "wait": wait,
            "request_id": request_id.current(),
        }
        response = render(request, "error.html", context, status=code)
    if wait is not None:
        response["Retry-After"] = str(wait)
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, 404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What allauth calls past its own limits: of sign-ups an hour's, of others minutes'."""
    is_signup = request.resolver_match is not None and request.resolver_match.url_name == "account_signup"
    return error_response(request, 429, wait=3600 if is_signup else 60)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 where the database is away, else 500; also where the page can't be made."""
    code, wait = (503, AWAY_SECONDS) if connections.is_away(sys.exception()) else (500, None)
    try:
        return error_response(request, code, wait=wait)
    except Exception:
        log.exception("no page could be made for this error")
        text = f"{MESSAGES[code]}\nRequest: {request_id.current()}\n"
        return HttpResponse(text, status=code, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(request, 403, EXPIRED_FORM)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.get_preferred_type(["text/html", "application/json"]) == (
        "application/json"
    )


def _as_api_error(exc: Exception) -> Exception:
    """What Django raises over a body that can't be read, as what DRF would have raised."""
    if isinstance(exc, RequestDataTooBig):
        return TooLarge()
    if isinstance(exc, UNREADABLE):
        return exceptions.ParseError(MESSAGES[400])
    return exc


def _message_of(exc: Exception) -> str:
    detail = getattr(exc, "detail", "")
    return str(detail) if isinstance(detail, str) else ""


def _field_errors(detail: Any, field: str = "") -> dict[str, list[str]]:
    """DRF's nested details as one flat map: {"files.0.name": ["…"]}; errors of the whole stand under ""."""
    if isinstance(detail, dict):
        items = [(f"{field}.{key}" if field else str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        items = [(f"{field}.{index}" if field else str(index), value) for index, value in enumerate(detail)]
    else:
        name = field.removesuffix("non_field_errors").removesuffix(".")
        return {name: [str(item) for item in (detail if isinstance(detail, list) else [detail])]}
    found: dict[str, list[str]] = {}
    for key, value in items:
        for name, messages in _field_errors(value, key).items():
            found.setdefault(name, []).extend(messages)
    return found
