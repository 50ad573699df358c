"""Refuses requests that can't be read, before anybody stumbles over them: the sender's fault, never a 500.

Three things are read late or by everybody, and raise when they are bad: the Content-Type with its charset (which
decodes the query, too), the query, and a form's body. Each is looked at here first. DRF reads the API's bodies itself;
what it stumbles over is `judge.web.errors`' to translate.
"""

import codecs
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict

from judge.web.errors import UNREADABLE, error_response

# Python's names. It knows many more, but some are no text (hex), some raise whatever they are given (undefined), and
# nobody needs any: the last two are here because clients name them without being asked, and decode any bytes.
CHARSETS = {"utf-8", "ascii", "iso8859-1"}


class Request(WSGIRequest):
    """Django's, which can be made also when its Content-Type can't be taken in: `content_params` is None then.

    Where Django raises over that, no middleware runs, and nobody gets an answer in our shape.
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # the stubs don't know it
        except (ValueError, LookupError, SuspiciousOperation):  # the last from the query, which it may decode
            self.content_type = self.content_params = self._encoding = None


class Application(WSGIHandler):
    """Django's WSGI application for such requests."""

    request_class = Request


class MalformedMiddleware:
    """400 (413 for a field that is too long) in the shape, and no error in the log, for what can't be read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _has_known_charset(request):
            return _refused(request)
        try:
            request.get_host()
            request.GET  # noqa: B018
        except SuspiciousOperation:
            return _refused(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """The form, once it is known not to be too large, and before the CSRF check reads it."""
        if request.path.startswith("/api/"):
            return None
        try:
            request.POST  # noqa: B018
        except UNREADABLE as error:
            request.POST, request._files = QueryDict(), MultiValueDict()  # type: ignore[attr-defined]  # not again
            return error_response(request, 413 if isinstance(error, RequestDataTooBig) else 400)
        return None


def _refused(request: HttpRequest) -> HttpResponse:
    request.GET = QueryDict()  # which the page that says so reads
    return error_response(request, 400)


def _has_known_charset(request: HttpRequest) -> bool:
    if request.content_params is None:
        return False
    charset = request.content_params.get("charset")
    try:
        return charset is None or codecs.lookup(charset).name in CHARSETS
    except (LookupError, ValueError):
        return False
