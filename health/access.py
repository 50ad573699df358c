"""Lets Prometheus in: `Authorization: Bearer` with METRICS_TOKEN. It asks the database nothing, which may be away."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

SCRAPER = "scraper"


class ScraperAuthentication(BaseAuthentication):
    """Nobody of the users, but `request.auth` is SCRAPER. A wrong token is refused, also where there is none."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, str] | None:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        if settings.METRICS_TOKEN and constant_time_compare(token, settings.METRICS_TOKEN):
            return AnonymousUser(), SCRAPER
        raise AuthenticationFailed

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsScraper(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.auth == SCRAPER)
