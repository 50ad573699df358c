"""Gives Django's empty 405 the page, or the JSON, that every other error has."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from judge.web.errors import error_response


class NotAllowedMiddleware:
    """405 says in its body, too, what is wrong."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        told = error_response(request, 405)
        told["Allow"] = response["Allow"]
        return told
