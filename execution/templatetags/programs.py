"""What programs are made of and what they print, as pages show it."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from execution import unseen

register = template.Library()

QUOTED = 40  # characters of a piece that a sentence names
_SPACES = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})


@register.filter
def revealed(text: str) -> SafeString:
    """The text with what can't be seen in it made visible (`execution.unseen`)."""
    return mark_safe(unseen.revealed(text))  # escaped there  # noqa: S308  # nosec B308 B703


@register.filter
def quoted(piece: str) -> SafeString:
    """A piece of a text within a sentence: in quotation marks, cut where it is long, white space by its signs."""
    shown = piece.translate(_SPACES) if piece.isspace() else piece
    return revealed(f"“{shown[:QUOTED]}{'…' if len(shown) > QUOTED else ''}”")
