"""Judges one program: runs it on each test and checks what it printed. Knows neither ORM nor Docker.

A program's faults are verdicts. SandboxError passes through: it is the platform's, and whoever called decides.
"""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from execution.checkers import Checker
from execution.languages import Language
from execution.sandbox.interface import Exceeded, Limits, RunReport, Sandbox
from execution.verdicts import Verdict, overall

CHECK_LIMITS = Limits(cpu_ms=10_000, wall_ms=30_000, memory_kb=None, output_bytes=64 * 1024)

_VERDICT_OF = {
    Exceeded.CPU: Verdict.TLE,
    Exceeded.WALL: Verdict.TLE,
    Exceeded.MEMORY: Verdict.MLE,
    Exceeded.OUTPUT: Verdict.OLE,
}


@dataclass(frozen=True, slots=True)
class Test:
    """One test: a file of ours, or its content, as input; `answer` is None where nothing is judged (a run)."""

    __test__ = False  # not pytest's

    number: int
    input: bytes | Path
    answer: Path | None
    is_sample: bool = False
    check: Checker | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A program and what it must stand. `entry` is the file that starts it, "" where the language's rule finds it."""

    language: Language
    files: Mapping[str, bytes]
    tests: Sequence[Test]
    limits: Limits
    entry: str = ""


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What became of the program on one test; `detail` says which exit code or signal, or which limit."""

    __test__ = False  # not pytest's

    number: int
    verdict: Verdict
    time_ms: int
    memory_kb: int
    is_sample: bool = False
    detail: str = ""
    stdout: bytes = b""
    stderr: bytes = b""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the program; `tests` has those that were run, none where it did not compile."""

    verdict: Verdict
    tests: list[TestOutcome] = field(default_factory=list)
    compile_output: str = ""

    @property
    def time_ms(self) -> int | None:
        return max((test.time_ms for test in self.tests), default=None)

    @property
    def memory_kb(self) -> int | None:
        return max((test.memory_kb for test in self.tests), default=None)


# Told of the outcomes so far after each test; says whether to run the next.
GoOn = Callable[[Sequence[TestOutcome]], bool]


def stop_at_a_limit(outcomes: Sequence[TestOutcome]) -> bool:
    """Go on after wrong answers and crashes, which are cheap, but not after a test that used a limit up."""
    return outcomes[-1].verdict not in {Verdict.TLE, Verdict.MLE, Verdict.OLE}


def wall_limit_ms(cpu_ms: int, cpu_quota: float) -> int:
    """How long a program with that CPU limit may take; `cpu_quota` is the share of one CPU that it gets (0.5: half)."""
    return round(2 * cpu_ms / min(cpu_quota, 1.0)) + 1000


def judge(sandbox: Sandbox, job: Job, go_on: GoOn = stop_at_a_limit) -> Outcome:
    """Judge the program. Raises SandboxError where the platform fails it."""
    entry = job.entry if job.entry in job.files else job.language.entry(job.files)
    if entry is None:
        return Outcome(Verdict.CE, compile_output=f"No file is a {job.language.name} program.")
    sandbox.load(job.files)
    outcomes: list[TestOutcome] = []
    for test in job.tests:
        report = sandbox.run(_command(job.language.run, entry), test.input, job.limits)
        if not outcomes and report.exit_code and (words := _why_it_does_not_compile(sandbox, job.language, entry)):
            return Outcome(Verdict.CE, compile_output=words)
        outcomes.append(_outcome(test, report, job.limits))
        if not go_on(outcomes):
            break
    return Outcome(overall(outcome.verdict for outcome in outcomes), outcomes)


def _why_it_does_not_compile(sandbox: Sandbox, language: Language, entry: str) -> str:
    """The compiler's words; "" where it finds nothing wrong."""
    report = sandbox.run(_command(language.check, entry), b"", CHECK_LIMITS)
    words = (report.stdout + report.stderr).decode(errors="replace")
    if report.exceeded is not None:
        return f"{words}\nThe compiler was stopped: it used too much {report.exceeded}.".lstrip()
    return (words or f"The compiler ended with {_ending(report)}.") if report.exit_code != 0 else ""


def _command(template: Sequence[str], entry: str) -> list[str]:
    return [entry if part == "{entry}" else part for part in template]


def _outcome(test: Test, report: RunReport, limits: Limits) -> TestOutcome:
    verdict, detail = _verdict(test, report, limits)
    keep = test.is_sample or test.answer is None
    return TestOutcome(
        number=test.number,
        verdict=verdict,
        time_ms=report.cpu_ms,
        memory_kb=report.memory_kb,
        is_sample=test.is_sample,
        detail=detail,
        stdout=report.stdout if keep else b"",
        stderr=report.stderr if keep else b"",
    )


def _verdict(test: Test, report: RunReport, limits: Limits) -> tuple[Verdict, str]:
    exceeded = report.exceeded or _measured_over(report, limits)
    if exceeded is not None:
        return _VERDICT_OF[exceeded], "wall clock" if exceeded is Exceeded.WALL else ""
    if report.exit_code != 0:
        return Verdict.RE, _ending(report)
    if test.answer is None or test.check is None:
        return Verdict.AC, ""
    return (Verdict.AC if test.check(report.stdout, test.answer.read_bytes()) else Verdict.WA), ""


def _measured_over(report: RunReport, limits: Limits) -> Exceeded | None:
    """A program that ended by itself just before the sandbox would have ended it."""
    if report.cpu_ms > limits.cpu_ms:
        return Exceeded.CPU
    if limits.memory_kb is not None and report.memory_kb > limits.memory_kb:
        return Exceeded.MEMORY
    return None


def _ending(report: RunReport) -> str:
    if report.signal is None:
        return f"exit code {report.exit_code}"
    try:
        return signal.Signals(report.signal).name
    except ValueError:
        return f"signal {report.signal}"
