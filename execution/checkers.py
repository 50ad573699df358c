"""The default output validator of the ICPC / Kattis problem package format.

Tokens are compared, white space aside and case-insensitively, unless the flags say otherwise. With a tolerance, where
the answer's token is a floating-point number by the format's grammar, the output's must be one too and lie within the
absolute or the relative tolerance of it. Source: "Default output validator specification" of the format, 2025-09.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import zip_longest

from problems.content import CheckerFlags

# Says whether an output is right, given the output and the answer.
Checker = Callable[[bytes, bytes], bool]

_WHITE_SPACE = re.compile(rb"\s")
_PIECES = re.compile(rb"\s+|\S+")
_FLOAT = re.compile(rb"[+-]?(?:\d*\.\d+|\d+\.|\d+)(?:[eE][+-]?\d+)?")
_BLOCK_BYTES = 1 << 16
_MAX_FLOAT_BYTES = 1000  # the format asks for thirty digits on each side; parsing megabytes of them is slow


def checker(flags: CheckerFlags) -> Checker:
    """The checker that these flags describe."""
    return partial(_is_right, flags)


def _is_right(flags: CheckerFlags, output: bytes, answer: bytes) -> bool:
    if output == answer:
        return True
    pieces = _pieces if flags.space_change_sensitive else _tokens
    return all(agree(flags, got, wanted) for got, wanted in zip_longest(pieces(output), pieces(answer)))


def agree(flags: CheckerFlags, got: bytes | None, wanted: bytes | None) -> bool:
    """Whether one token (or, where white space counts, piece) will do for the other; None: there is none."""
    if got is None or wanted is None:
        return False
    if got == wanted:
        return True
    if _has_tolerance(flags) and _is_float(wanted):
        return _is_float(got) and _is_near(flags, float(got), float(wanted))
    return not flags.case_sensitive and got.lower() == wanted.lower()


def _has_tolerance(flags: CheckerFlags) -> bool:
    return flags.float_absolute_tolerance is not None or flags.float_relative_tolerance is not None


def _is_float(token: bytes) -> bool:
    return len(token) <= _MAX_FLOAT_BYTES and _FLOAT.fullmatch(token) is not None


def _is_near(flags: CheckerFlags, got: float, wanted: float) -> bool:
    difference = abs(got - wanted)
    absolute, relative = flags.float_absolute_tolerance, flags.float_relative_tolerance
    return (absolute is not None and difference <= absolute) or (
        relative is not None and difference <= relative * abs(wanted)
    )


def _tokens(data: bytes) -> Iterator[bytes]:
    """The tokens of `data`, split block by block: millions of them must not stand in memory at once."""
    start = 0
    while start < len(data):
        gap = _WHITE_SPACE.search(data, start + _BLOCK_BYTES)
        end = gap.start() if gap else len(data)
        yield from data[start:end].split()
        start = end


def _pieces(data: bytes) -> Iterator[bytes]:
    """Tokens and the white space between them, alternating."""
    return (match.group() for match in _PIECES.finditer(data))
