"""Refuses a `next` that is no address before anybody tries to take it apart."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from judge.web.errors import error_response


class NextAddressMiddleware:
    """400 where `next`, in the query or a form, is not even a malformed address (Python refuses to split it)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """After `judge.web.malformed` has found that a form can be read."""
        fields = [request.GET, request.POST] if request.path.startswith("/accounts/") else [request.GET]
        if all(_can_be_split(value) for field in fields for value in field.getlist("next")):
            return None
        return error_response(request, 400)


def _can_be_split(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True
