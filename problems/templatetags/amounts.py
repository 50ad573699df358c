"""Times and sizes as people read them. static/js/submission.js writes them in the same way.

What is no number (None, or what a template finds missing) is written as nothing.
"""

from django import template

register = template.Library()


@register.filter
def milliseconds(value: int | str | None) -> str:
    """12 → "12 ms"."""
    return f"{value} ms" if isinstance(value, int) else ""


@register.filter
def seconds(milliseconds: int | str | None) -> str:
    """1500 → "1.5 s"."""
    return f"{milliseconds / 1000:g} s" if isinstance(milliseconds, int) else ""


@register.filter
def megabytes(kilobytes: int | str | None) -> str:
    """9300 (KiB) → "9.1 MB", halves rounded up."""
    return f"{(kilobytes * 10 + 512) // 1024 / 10:.1f} MB" if isinstance(kilobytes, int) else ""
