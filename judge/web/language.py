"""The language that pages are in: the reader's choice (a cookie), else what the browser asks for.

What programs read is in English, whoever asks: one API, one shape of error.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

FOR_PROGRAMS = ("/api/", "/health", "/metrics")


class LanguageMiddleware(LocaleMiddleware):
    """Django's, for pages."""

    def process_request(self, request: HttpRequest) -> None:
        if not _is_for_programs(request):
            super().process_request(request)
            return
        translation.activate(settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = settings.LANGUAGE_CODE

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if _is_for_programs(request) else super().process_response(request, response)


def _is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(FOR_PROGRAMS)
