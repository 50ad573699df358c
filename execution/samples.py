"""Samples beside what a program printed on them, and the limits that it was judged by.

Of a secret test nothing but what became of the program is ever shown; so it is with a sample that is shown otherwise
than it is judged: its shown form is there, but no difference is marked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from execution import jobs
from execution.differences import Difference, Excerpt, first_difference
from execution.grading import KEPT_OUTPUT_BYTES
from execution.languages import LANGUAGES
from execution.verdicts import Verdict
from problems import blobs
from problems.content import TestCase
from problems.models import ProblemVersion

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a test may take: CPU time, None while that isn't known, and memory."""

    time_ms: int | None
    memory_kb: int

    @property
    def memory_mb(self) -> int:
        return self.memory_kb // 1024


@dataclass(frozen=True, slots=True)
class SampleResult:
    """A sample that the program failed, in the panes of the page."""

    number: int
    input: Excerpt
    answer: Excerpt
    got: Excerpt
    errors: Excerpt  # what it printed on standard error
    difference: Difference | None


def limits_of(version_id: UUID | None, language: str) -> Limits | None:
    """Those that a version sets to programs in the language; None where there is no such version or language."""
    known = LANGUAGES.get(language)
    if version_id is None or known is None:
        return None
    version = ProblemVersion.objects.only("time_limit_ms", "memory_limit_mb").get(pk=version_id)
    time_ms = None if version.time_limit_ms is None else known.time_limit_ms(version.time_limit_ms)
    return Limits(time_ms, jobs.memory_limit_mb(version) * 1024 + known.memory_extra_kb)


def failed_samples(version_id: UUID | None, tests: Sequence[Json]) -> list[SampleResult]:
    """Those of the tests (`execution.presentation`) that are samples, were failed, and have their output kept."""
    failed = [test for test in tests if test["isSample"] and test["verdict"] != Verdict.AC and "stdout" in test]
    if not failed or version_id is None:
        return []
    version = ProblemVersion.objects.only("checker_json", "test_cases_json").get(pk=version_id)
    cases = {case.number: case for case in version.test_cases if case.is_sample}
    return [_result(version, cases[test["number"]], test) for test in failed if test["number"] in cases]


def _result(version: ProblemVersion, case: TestCase, test: Json) -> SampleResult:
    given, answer = _head(case.shown_input or case.input), _head(case.shown_answer or case.answer)
    got, errors = _kept(test["stdout"]), _kept(test["stderr"])
    is_shown_as_judged = not case.shown_input and not case.shown_answer
    difference = None
    if test["verdict"] == Verdict.WA and is_shown_as_judged:
        difference = first_difference(version.checker_of(case), got, answer)
    return SampleResult(case.number, given, answer, got, errors, difference)


def _head(blob: str) -> Excerpt:
    """As much as is kept of what a program prints."""
    return Excerpt.of(blobs.head(blob, KEPT_OUTPUT_BYTES + 1), KEPT_OUTPUT_BYTES)


def _kept(text: str) -> Excerpt:
    """Output as it was stored, which may have been cut."""
    return Excerpt(text, is_cut=len(text.encode()) >= KEPT_OUTPUT_BYTES)
