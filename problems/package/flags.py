"""The default output validator's arguments (specification, "Default output validator specification")."""

import re
from collections.abc import Sequence
from typing import Any

from problems.content import CheckerFlags
from problems.package.errors import PackageError

_SWITCHES = ("case_sensitive", "space_change_sensitive")
_TOLERANCES = {
    "float_absolute_tolerance": ("float_absolute_tolerance",),
    "float_relative_tolerance": ("float_relative_tolerance",),
    "float_tolerance": ("float_absolute_tolerance", "float_relative_tolerance"),
}
_FLOAT = re.compile(r"([0-9]*\.[0-9]+|[0-9]+\.|[0-9]+)([eE][-+]?[0-9]+)?")


def parse(where: str, arguments: Sequence[str], *, once: bool) -> CheckerFlags:
    """The flags that the arguments stand for. Raises PackageError, also for what the default validator hasn't got.

    Of two tolerances of a kind the last counts, unless each may be given only `once`.
    """
    flags: dict[str, Any] = {}
    left = list(arguments)
    while left:
        name = left.pop(0)
        if name in _SWITCHES:
            flags[name] = True
        elif name in _TOLERANCES:
            fields = _TOLERANCES[name]
            if once and flags.keys() & set(fields):
                raise PackageError(where, f"the output validator's {name} stands beside another tolerance of its kind")
            flags |= dict.fromkeys(fields, _tolerance(where, name, left))
        else:
            raise PackageError(where, f"the default output validator has no flag {name!r}")
    return CheckerFlags(**flags)


def _tolerance(where: str, name: str, left: list[str]) -> float:
    text = left.pop(0) if left else ""
    if not _FLOAT.fullmatch(text) or float(text) == float("inf"):
        raise PackageError(where, f"the output validator's {name} needs a number, not {text!r}")
    return float(text)
