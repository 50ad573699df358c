"""What the engine must do for a judgement: turns rows into a Job and its time budget."""

from django.conf import settings

from execution import compilation
from execution.checkers import checker
from execution.engine import Job, Test, wall_limit_ms
from execution.languages import LANGUAGES, Language
from execution.models import Judgement
from execution.sandbox.interface import Limits
from problems import blobs
from problems.content import JuryProgram
from problems.models import ProblemVersion

RUN_TIME_LIMIT_MS = 5000
RUN_OUTPUT_BYTES = 1 << 20
MEASURING_LIMIT_MS = 30_000  # while a problem's time limit isn't known yet
MARGIN_SECONDS = 10


def job_of(judgement: Judgement) -> Job:
    """The job of a judgement whose submission and version are loaded."""
    submission, jury = judgement.submission, jury_program(judgement)
    language = LANGUAGES[submission.language]
    memory_mb = memory_limit_mb(judgement.version)
    return Job(
        language=language,
        entry=jury.entrypoint if jury else "",
        files={file["name"]: file["content"].encode() for file in submission.files},
        tests=_tests(judgement.version) if judgement.version else [Test(1, submission.input.encode(), None)],
        limits=_limits(language, judgement.version, memory_mb),
        memory_mb=memory_mb,
    )


def memory_limit_mb(version: ProblemVersion | None) -> int:
    """What a program may hold, in every language, and what its problem shows: MiB.

    The container is larger, by the language's grant and the agent's reserve.
    """
    return (version and version.memory_limit_mb) or settings.DEFAULT_MEMORY_MB


def budget_seconds(job: Job) -> float:
    """How long judging it may take in all; who takes longer is stuck and loses the row."""
    wall_ms = compilation.LIMITS.wall_ms + len(job.tests) * job.limits.wall_ms
    return min(wall_ms / 1000 + MARGIN_SECONDS, settings.MAX_JUDGING_SECONDS)


def jury_program(judgement: Judgement) -> JuryProgram | None:
    """The package's entry that a jury submission was made of; None for other submissions."""
    if judgement.version is None or not judgement.submission.jury_path:
        return None
    return next(program for program in judgement.version.jury if program.path == judgement.submission.jury_path)


def _tests(version: ProblemVersion) -> list[Test]:
    usual = checker(version.checker)
    return [
        Test(
            number=case.number,
            input=blobs.path(case.input),
            answer=blobs.path(case.answer),
            is_sample=case.is_sample,
            check=checker(case.checker) if case.checker else usual,
        )
        for case in version.test_cases
    ]


def _limits(language: Language, version: ProblemVersion | None, memory_mb: int) -> Limits:
    if version is None:
        cpu_ms, output_bytes = RUN_TIME_LIMIT_MS, RUN_OUTPUT_BYTES
    else:
        cpu_ms = version.time_limit_ms or MEASURING_LIMIT_MS
        output_bytes = (version.output_limit_mb or settings.DEFAULT_OUTPUT_MB) * 1024 * 1024
    cpu_ms = language.time_limit_ms(cpu_ms)
    return Limits(
        cpu_ms=cpu_ms,
        wall_ms=wall_limit_ms(cpu_ms, settings.CONTAINER_CPU_QUOTA / 100_000),
        memory_kb=language.memory_limit_kb(memory_mb * 1024),
        output_bytes=output_bytes,
    )
