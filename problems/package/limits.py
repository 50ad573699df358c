"""A problem's limits: from `limits` in problem.yaml, and from the files that DOMjudge keeps beside it.

Time limits come from `limits.time_limit`, else `.timelimit`, else `timelimit` in domjudge-problem.ini, all in seconds.
Where there is none, it is to be measured, with the multipliers given here.
"""

import re
from dataclasses import dataclass

from django.conf import settings

from problems.content import Timing
from problems.package.errors import Findings, PackageError
from problems.package.fields import Fields
from problems.package.tree import PackageFile, Tree

TIMELIMIT_FILE, INI_FILE = ".timelimit", "domjudge-problem.ini"
MAX_SECONDS = 120
# Limits of our own making: the format lets systems choose these, and ours are not the package's to change.
_NOT_APPLIED = (
    "compilation_time",
    "compilation_memory",
    "validation_time",
    "validation_memory",
    "validation_output",
    "validation_passes",
)
_SETTING = re.compile(r"""\s*([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^;"']*?))\s*(?:;.*)?""")


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """Milliseconds and MiB. None: to be measured, or the system's own."""

    time_ms: int | None
    memory_mb: int | None
    output_mb: int | None
    timing: Timing


def read(tree: Tree, limits: Fields, findings: Findings, *, legacy: bool) -> PackageLimits:
    """The limits of a package; `limits` is that map of problem.yaml. Raises PackageError."""
    seconds = _first_time_limit(tree, limits.number("time_limit", 0.001, MAX_SECONDS), findings)
    if limits.has("code"):
        findings.warn(limits.where, "limits.code is not applied: one limit of code size holds for all problems")
    for key in _NOT_APPLIED:
        limits.raw(key)
    return PackageLimits(
        time_ms=None if seconds is None else max(1, round(seconds * 1000)),
        memory_mb=limits.whole("memory", 1, settings.MAX_MEMORY_MB),
        output_mb=limits.whole("output", 1, settings.MAX_OUTPUT_MB),
        timing=_legacy_timing(limits) if legacy else _timing(limits),
    )


def ini_settings(file: PackageFile) -> dict[str, str]:
    """What a domjudge-problem.ini says; it has no sections. Raises PackageError."""
    lines = (
        line for line in file.read_text().splitlines() if line.strip() and not line.lstrip().startswith((";", "#"))
    )
    found = (_SETTING.fullmatch(line) for line in lines)
    return {match[1].lower(): match[2] or match[3] or match[4] or "" for match in found if match}


def _timing(limits: Fields) -> Timing:
    default, multipliers = Timing(), limits.map("time_multipliers")
    return Timing(
        multipliers.number("ac_to_time_limit", 1, 1000) or default.ac_to_time_limit,
        multipliers.number("time_limit_to_tle", 1, 1000) or default.time_limit_to_tle,
        limits.number("time_resolution", 0.001, MAX_SECONDS) or default.resolution_seconds,
    )


def _legacy_timing(limits: Fields) -> Timing:
    """`time_multiplier` and `time_safety_margin`, with the legacy versions' defaults; or the dated versions' names."""
    if limits.has("time_multipliers") or limits.has("time_resolution"):
        return _timing(limits)
    return Timing(
        limits.number("time_multiplier", 1, 1000) or 5.0, limits.number("time_safety_margin", 1, 1000) or 2.0, 1.0
    )


def _first_time_limit(tree: Tree, given: float | None, findings: Findings) -> float | None:
    found: list[tuple[str, float]] = [] if given is None else [("problem.yaml", given)]
    if file := tree.get(TIMELIMIT_FILE):
        found.append((file.path, _seconds(file.path, file.read_text(1024).strip())))
    if (file := tree.get(INI_FILE)) and "timelimit" in (ini := ini_settings(file)):
        found.append((file.path, _seconds(file.path, ini["timelimit"])))
    for where, seconds in found[1:]:
        if seconds != found[0][1]:
            findings.warn(where, f"its time limit of {seconds:g} s is not used, {found[0][0]} says {found[0][1]:g} s")
    return found[0][1] if found else None


def _seconds(where: str, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise PackageError(where, f"its time limit must be a number of seconds, not {text[:40]!r}") from None
    if not 0.001 <= seconds <= MAX_SECONDS:
        raise PackageError(where, f"its time limit must be from 0.001 to {MAX_SECONDS} seconds, not {text}")
    return seconds
