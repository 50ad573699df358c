"""The Content-Security-Policy: nothing inline, nothing from elsewhere but the CDN that serves our static files.

Where one may log in with an account of another site, a form leads there, and browsers look at that, too.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def policy() -> str:
    """The header's value, following CDN_URL and SOCIAL_LOGIN."""
    parts = urlsplit(settings.CDN_URL)
    own = f"'self' {parts.scheme}://{parts.netloc}" if settings.CDN_URL else "'self'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            f"font-src {own}",
            f"img-src {own} data:",
            "connect-src 'self'",
            f"form-action 'self'{' https:' if settings.SOCIAL_LOGIN else ''}",
            "frame-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


class ContentSecurityPolicyMiddleware:
    """Sets the policy on every response that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response
