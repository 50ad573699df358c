"""System checks: settings that would count everybody as one."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register("accounts")
def proxies_are_known(**_: Any) -> list[CheckMessage]:
    """W001: behind a proxy that nobody believes, all clients share the limits of its address."""
    if not settings.BEHIND_TLS or settings.TRUSTED_PROXIES:
        return []
    hint = "Set it to the proxy's address, as 127.0.0.1; the proxy must set X-Forwarded-For."
    return [Warning("BEHIND_TLS without TRUSTED_PROXIES: all clients count as one.", hint, id="accounts.W001")]
