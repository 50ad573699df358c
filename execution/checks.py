"""System checks: settings that contradict each other, numbered, found at start and by `manage.py check`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


@register("execution")
def process_sandbox_is_for_trying_out(**_: Any) -> list[CheckMessage]:
    """E001, E002: without containers, hostile programs are at home on this machine."""
    if settings.SANDBOX != "process":
        return []
    found: list[CheckMessage] = []
    if not settings.DEBUG:
        hint = "Use SANDBOX=docker; SANDBOX=process is for trying Verdict out, with DEBUG=1."
        found.append(
            Error("SANDBOX=process with DEBUG=0: programs would run without a container.", hint, id="execution.E001")
        )
    if strangers := sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK):
        message = f"SANDBOX=process serves on loopback only, but ALLOWED_HOSTS has {', '.join(strangers)}."
        found.append(Error(message, id="execution.E002"))
    return found


@register("execution")
def limits_fit_together(**_: Any) -> list[CheckMessage]:
    """E003, W001: bounds that can't hold beside each other."""
    found: list[CheckMessage] = []
    if settings.CONTAINER_TMP_MB >= settings.CONTAINER_MEMORY_MB:
        message = "CONTAINER_TMP_MB must be less than CONTAINER_MEMORY_MB: files in /tmp count as memory."
        found.append(Error(message, id="execution.E003"))
    if settings.QUEUE_LIMIT_PER_USER > settings.QUEUE_LIMIT:
        message = "QUEUE_LIMIT_PER_USER is over QUEUE_LIMIT, so one user can fill the queue."
        found.append(Warning(message, id="execution.W001"))
    return found
