"""Times and sizes as people read them. static/js/submission.js writes them in the same way."""

from django import template

register = template.Library()


@register.filter
def milliseconds(value: int | None) -> str:
    """12 → "12 ms"; nothing for None."""
    return "" if value is None else f"{value} ms"


@register.filter
def seconds(milliseconds: int | None) -> str:
    """1500 → "1.5 s"; nothing for None."""
    return "" if milliseconds is None else f"{milliseconds / 1000:g} s"


@register.filter
def megabytes(kilobytes: int | None) -> str:
    """9300 (KiB) → "9.1 MB", halves rounded up; nothing for None."""
    return "" if kilobytes is None else f"{(kilobytes * 10 + 512) // 1024 / 10:.1f} MB"
