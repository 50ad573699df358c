"""Readers of the environment that refuse a bad value with the variable's name in the message."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def whole(name: str, default: int, *, low: int, high: int) -> int:
    """An integer from `low` to `high`, both included."""
    raw = env.str(name, default=str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} must be from {low} to {high}, not {value}")
    return value


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    """One of `options`."""
    value: str = env.str(name, default=default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}")
    return value


def several(name: str, options: tuple[str, ...]) -> list[str]:
    """Some of `options`, separated by commas; none by default."""
    values: list[str] = env.list(name, default=[])
    for value in values:
        if value not in options:
            raise ImproperlyConfigured(f"{name} must be of {', '.join(options)}, not {value!r}")
    return values


def flag(name: str, default: bool) -> bool:
    """A switch: 1, true, yes, on or 0, false, no, off."""
    raw = env.str(name, default=str(default)).strip().lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}")


def rate(name: str) -> float:
    """So many a second, minute or hour, like 100/m: per second; 0 where it isn't set, for no limit."""
    raw = env.str(name, default="")
    match = re.fullmatch(r"([1-9]\d{0,8})/([smh])", raw)
    if raw and not match:
        raise ImproperlyConfigured(f"{name} must be like 100/m (or /s, or /h), not {raw!r}")
    return int(match[1]) / {"s": 1, "m": 60, "h": 3600}[match[2]] if match else 0.0


def directory(name: str, default: Path) -> Path:
    """An absolute path."""
    return Path(env.str(name, default=str(default))).resolve()


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and CIDR blocks, separated by commas; none by default."""
    raw: list[str] = env.list(name, default=[])
    try:
        return [ip_network(text.strip()) for text in raw]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be addresses or blocks such as 10.0.0.0/8: {error}") from None
