"""Judges a problem's tagged submissions and compares what they got with what their tags say."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from execution import calibration, capacity, grading, jury
from execution.models import Judgement
from execution.states import TERMINAL, State
from problems.content import JuryProgram
from problems.models import ProblemVersion

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 60  # without a worker or any progress


class VerificationError(Exception):
    """The submissions could not be judged at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One tagged submission: what was expected, what came of it; `got` is a verdict, or says why there is none."""

    file: str
    language: str
    expected: str
    got: str
    met: bool
    timeMs: int | None
    memoryKb: int | None


# Told after each submission how many of how many are done.
Progress = Callable[[int, int], None]


def ensure_time_limit(version: ProblemVersion) -> None:
    """Measure the time limit if there is none. Raises VerificationError where that can't be done."""
    watch = _Watch()
    while version.time_limit_ms is None:
        trouble = calibration.measure(version)
        if trouble:
            raise VerificationError(f"{version}: its time limit can't be measured: {trouble}")
        watch.wait(seen=Judgement.objects.filter(version=version, state__in=TERMINAL).count())
        version.refresh_from_db()


def verify(version: ProblemVersion, programs: Collection[JuryProgram], progress: Progress) -> list[Row]:
    """Judge `programs` for this version, a few at a time. Raises VerificationError where nobody judges them."""
    waiting, sent, rows = list(programs), dict[UUID, JuryProgram](), dict[str, Row]()
    watch = _Watch()
    while len(rows) < len(programs):
        while waiting and len(sent) < 2 * settings.WORKER_CONCURRENCY:
            program = waiting.pop(0)
            sent[jury.send(version, program).pk] = program
        ended = Judgement.objects.filter(submission__in=list(sent), state__in=TERMINAL)
        for judgement in ended:
            program = sent.pop(judgement.submission_id)
            rows[program.path] = row_of(program, judgement)
        progress(len(rows), len(programs))
        if len(rows) < len(programs):
            watch.wait(seen=len(rows))
    return [rows[program.path] for program in programs]


def row_of(program: JuryProgram, judgement: Judgement) -> Row:
    """What came of a program's judgement, which has ended."""
    failed = judgement.state == State.FAILED
    return Row(
        file=program.path,
        language=program.language,
        expected=program.expected,
        got=f"failed: {judgement.failure}" if failed else jury.telling(program, judgement),
        met=jury.is_met(program, judgement),
        timeMs=judgement.time_ms,
        memoryKb=judgement.memory_kb,
    )


class _Watch:
    """Waits for the workers, but not for workers that aren't there, nor for ever for those that get nowhere."""

    def __init__(self) -> None:
        self._seen = -1
        self._leases: set[grading.Lease] = set()
        self._progress = self._alive = time.monotonic()

    def wait(self, seen: int) -> None:
        """Wait a moment. Raises VerificationError where nobody works, or `seen` has not grown, for too long."""
        now = time.monotonic()
        if seen != self._seen:
            self._seen, self._progress, self._alive = seen, now, now
        elif self._somebody_works():
            self._alive = now
        if now - self._alive > PATIENCE_SECONDS:
            raise VerificationError("no judge worker takes submissions: start one with script/up")
        if now - self._progress > 2 * settings.MAX_JUDGING_SECONDS:
            raise VerificationError("the judge workers get nowhere: see their log")
        time.sleep(POLL_SECONDS)

    def _somebody_works(self) -> bool:
        """Whether a lease was taken or renewed since the last look, or a judge is known to be there."""
        before, self._leases = self._leases, set(grading.leases())
        return bool(self._leases - before) or capacity.judges_are_there()
