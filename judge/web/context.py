"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """`unsafe_sandbox`: programs run without a container, so the page must say so."""
    return {"unsafe_sandbox": settings.SANDBOX == "process"}
