"""Judges one program: has it compiled, runs it on each test, checks what it printed. Knows neither ORM nor Docker.

A program's faults are verdicts. SandboxError passes through: it is the platform's, and whoever called decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from execution import compilation
from execution.checkers import Checker
from execution.compilation import CompileError, Compiler, Program, complaint, ending
from execution.languages import Language
from execution.sandbox.interface import Exceeded, Limits, Profile, RunReport, Sandbox, SandboxPool
from execution.verdicts import Verdict, overall

_CHECK_LIMITS = replace(compilation.LIMITS, artifact_bytes=0)

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
    """Sources, and what the program that they are must stand.

    `memory_mb` (MiB) is what it may hold; `limits` has the language's grant on top of that. `entry` is the file that
    starts it, "" where the language's rule finds it.
    """

    language: Language
    files: Mapping[str, bytes]
    tests: Sequence[Test]
    limits: Limits
    memory_mb: int
    entry: str = ""

    def profile(self, program: Program) -> Profile:
        """The sandbox that it is run in: the program's files take memory there, too."""
        grant_kb = self.language.memory_extra_kb
        return Profile(self.language.image, (self.memory_mb + program.surplus_mb) * 1024 + grant_kb)


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


def judge(pool: SandboxPool, compiler: Compiler, job: Job, go_on: GoOn = stop_at_a_limit) -> Outcome:
    """Judge the program. Raises SandboxError where the platform fails it."""
    try:
        program = compiler.program(job.language, job.files, job.entry)
    except CompileError as error:
        return Outcome(Verdict.CE, compile_output=str(error))
    with pool.lease(job.profile(program)) as sandbox:
        sandbox.load(program.files, executable=program.is_executable)
        return _run_tests(sandbox, program, job, go_on)


def _run_tests(sandbox: Sandbox, program: Program, job: Job, go_on: GoOn) -> Outcome:
    """Run it on the tests, of which the first may find that it is no program. Raises SandboxError."""
    command, outcomes = program.command(job.memory_mb), list[TestOutcome]()
    for test in job.tests:
        report = sandbox.run(command, test.input, job.limits)
        if not outcomes and report.exit_code and (words := _complaint(sandbox, program, job)):
            return Outcome(Verdict.CE, compile_output=words)
        outcomes.append(_outcome(test, report, job))
        if not go_on(outcomes):
            break
    return Outcome(overall(outcome.verdict for outcome in outcomes), outcomes)


def _complaint(sandbox: Sandbox, program: Program, job: Job) -> str:
    """Why a program that was not compiled could not have been run at all; "" if it could."""
    if not job.language.check:
        return ""
    return complaint(sandbox.run(program.check_command(job.memory_mb), b"", _CHECK_LIMITS))


def _outcome(test: Test, report: RunReport, job: Job) -> TestOutcome:
    verdict, detail = _verdict(test, report, job)
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


def _verdict(test: Test, report: RunReport, job: Job) -> tuple[Verdict, str]:
    exceeded = report.exceeded or _exceeded_unnoticed(report, job)
    if exceeded is not None:
        return _VERDICT_OF[exceeded], "wall clock" if exceeded is Exceeded.WALL else ""
    if report.exit_code != 0:
        return Verdict.RE, ending(report)
    if test.answer is None or test.check is None:
        return Verdict.AC, ""
    return (Verdict.AC if test.check(report.stdout, test.answer.read_bytes()) else Verdict.WA), ""


def _exceeded_unnoticed(report: RunReport, job: Job) -> Exceeded | None:
    """The limit over which a program ended by itself: just before the sandbox would have ended it, or by its run
    time's own decision, in its own words."""
    if report.cpu_ms > job.limits.cpu_ms:
        return Exceeded.CPU
    if job.limits.memory_kb is not None and report.memory_kb > job.limits.memory_kb:
        return Exceeded.MEMORY
    if report.exit_code != 0 and job.language.is_out_of_memory(report.stderr):
        return Exceeded.MEMORY
    return None
