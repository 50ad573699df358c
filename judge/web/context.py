"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from judge.web import theme


def site(request: HttpRequest) -> dict[str, Any]:
    """`unsafe_sandbox`: programs run without a container, so the page must say so. `site_theme`: the chosen one of
    `site_themes`, {value: name}; `site_languages`: [(code, name in that language)]. `social_login`: whether accounts of
    other sites open this one. Views have names of their own: none of these may be one that they would choose."""
    return {
        "unsafe_sandbox": settings.SANDBOX == "process",
        "site_theme": theme.chosen(request),
        "site_themes": theme.THEMES,
        "site_languages": settings.LANGUAGES,
        "social_login": bool(settings.SOCIAL_LOGIN),
    }
