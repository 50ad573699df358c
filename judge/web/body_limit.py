"""Refuses bodies that are too large before anything reads them."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from judge.web.errors import error_response


class BodyLimitMiddleware:
    """413 past DATA_UPLOAD_MAX_MEMORY_SIZE, and past MAX_PACKAGE_MB for forms with files (packages)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_files = request.content_type == "multipart/form-data"
        limit = settings.MAX_PACKAGE_MB << 20 if has_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > limit:
            return error_response(request, 413)
        return self.get_response(request)
