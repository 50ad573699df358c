"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from judge.web import theme


def site(request: HttpRequest) -> dict[str, Any]:
    """`unsafe_sandbox`: programs run without a container, so the page must say so. `theme`: the chosen one of
    `themes`, {value: name}; `site_languages`: [(code, name in that language)]. `social_login`: whether accounts of
    other sites open this one."""
    return {
        "unsafe_sandbox": settings.SANDBOX == "process",
        "theme": theme.chosen(request),
        "themes": theme.THEMES,
        "site_languages": settings.LANGUAGES,
        "social_login": bool(settings.SOCIAL_LOGIN),
    }
