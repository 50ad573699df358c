"""Light, dark, or as the reader's system has it: kept in a cookie, so that each page comes in its colours at once.

Without the cookie the style sheets follow the system. Pages depend on it, and on the cookies of the language and the
session, so all of them say `Vary: Cookie`.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

COOKIE = "theme"
COOKIE_SECONDS = 365 * 24 * 60 * 60
SYSTEM = ""
THEMES = {SYSTEM: _("System"), "light": _("Light"), "dark": _("Dark")}


def chosen(request: HttpRequest) -> str:
    """One of THEMES."""
    theme = request.COOKIES.get(COOKIE, SYSTEM)
    return theme if theme in THEMES else SYSTEM


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the posted `theme`, and go back to `next` of this site."""
    response = HttpResponseRedirect(_back(request))
    theme = request.POST.get("theme", SYSTEM)
    if theme in THEMES and theme != SYSTEM:
        response.set_cookie(
            COOKIE, theme, COOKIE_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _back(request: HttpRequest) -> str:
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else "/"


class VaryMiddleware:
    """Tells caches that a page looks different to another reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie"])
        return response
