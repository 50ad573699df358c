"""Refuses bodies that are too large before anything reads them."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest, HttpResponse

from judge.web.errors import error_response

UPLOADS = ("/admin/", "/authors/")  # where packages are uploaded
MAX_DIGITS = 18  # of a length: Python refuses to read numbers that are much longer


class BodyLimitMiddleware:
    """411 for a body that doesn't say how large it is, which Django would take for none; 413 past
    DATA_UPLOAD_MAX_MEMORY_SIZE, and past MAX_PACKAGE_MB where staff and authors upload packages.

    Stands after authentication, and before anything reads a body (the CSRF check does, in its view phase).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers:
            return error_response(request, 411)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or len(length) > MAX_DIGITS or int(length) > _limit(request):
            return error_response(request, 413)
        return self.get_response(request)


def _limit(request: HttpRequest) -> int:
    has_files = request.content_type == "multipart/form-data"
    if has_files and request.path.startswith(UPLOADS) and _may_upload(request.user):
        return settings.MAX_PACKAGE_MB << 20
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _may_upload(user: AbstractUser | AnonymousUser) -> bool:
    return user.is_staff or user.has_perm("problems.add_problem")
