"""Where an output first differs from the expected one, by the rule of the checker that judged it."""

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from execution.checkers import agree
from problems.content import CheckerFlags

# White space is what the checker takes for it, which works on bytes.
_TOKENS = re.compile(r"\S+", re.ASCII)
_PIECES = re.compile(r"\s+|\S+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text, or all of it."""

    text: str
    is_cut: bool = False

    @classmethod
    def of(cls, data: bytes, limit: int) -> Self:
        """At most the first `limit` bytes."""
        return cls(data[:limit].decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}"), len(data) > limit)


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of a text, and what stands before and after it. Empty, and at the end, where the text has none."""

    before: str
    piece: str
    after: str

    @property
    def line(self) -> int:
        """The piece's line, from 1."""
        return self.before.count("\n") + 1


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where they differ, in each; at least one of the pieces isn't empty."""

    got: Place
    wanted: Place


def first_difference(flags: CheckerFlags, got: Excerpt, wanted: Excerpt) -> Difference | None:
    """None where there is none in what is there of them."""
    pattern = _PIECES if flags.space_change_sensitive else _TOKENS
    for one, other in zip_longest(_pieces(pattern, got), _pieces(pattern, wanted)):
        if (one is None and got.is_cut) or (other is None and wanted.is_cut):
            return None
        if not agree(flags, one and one.group().encode(), other and other.group().encode()):
            return Difference(_place(got, one), _place(wanted, other))
    return None


def _pieces(pattern: re.Pattern[str], excerpt: Excerpt) -> list[re.Match[str]]:
    """All but the one that is cut through."""
    pieces = list(pattern.finditer(excerpt.text))
    return pieces[:-1] if excerpt.is_cut else pieces


def _place(excerpt: Excerpt, match: re.Match[str] | None) -> Place:
    text = excerpt.text
    start, end = match.span() if match else (len(text.rstrip()), len(text.rstrip()))
    return Place(text[:start], text[start:end], text[end:])
