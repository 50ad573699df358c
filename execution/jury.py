"""A package's own tagged submissions: sent through the real queue like anybody's, behind everybody's."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from execution import queueing
from execution.availability import is_available
from execution.engine import GoOn, TestOutcome
from execution.languages import LANGUAGES
from execution.models import Judgement, Kind, SourceFile, Submission
from execution.states import Priority, State
from problems import blobs
from problems.content import JuryProgram
from problems.models import ProblemVersion

PATIENCE_MS = 120_000  # of CPU: a program that has shown its tag, but is slow on every test, need not show it on all

KEPT = timedelta(minutes=10)  # after its end: whoever waits for it has seen it by then


def judged_languages(version: ProblemVersion) -> list[JuryProgram]:
    """The jury programs in languages that can be judged here."""
    return [program for program in version.jury if program.language in LANGUAGES and is_available(program.language)]


@transaction.atomic
def send(version: ProblemVersion, program: JuryProgram) -> Submission:
    """Queue a jury program for this version; those that were judged long ago make room."""
    earlier = Submission.objects.filter(kind=Kind.JURY, problem=version.problem, jury_path=program.path)
    earlier.filter(current__finished_at__lt=timezone.now() - KEPT).delete()
    submission = Submission(
        kind=Kind.JURY,
        problem=version.problem,
        language=program.language,
        files=_files(program),
        jury_path=program.path,
    )
    queueing.enqueue(submission, version, Priority.JURY)
    return submission


def queued() -> int:
    """How many jury programs wait in the queue, of all problems."""
    return Judgement.objects.filter(state=State.QUEUED, priority=Priority.JURY).count()


def is_met(program: JuryProgram, judgement: Judgement) -> bool:
    """Whether a judgement came out as the program's tag says."""
    verdicts = verdicts_of(judgement)
    return bool(verdicts) and program.is_met_by(verdicts)


def telling(program: JuryProgram, judgement: Judgement) -> str:
    """The verdict that decides about the tag: one that it forbids, else one that it asks for, else the judgement's."""
    verdicts = verdicts_of(judgement)
    forbidden = (code for number, code in verdicts.items() if not _may_get(program, number, code))
    asked_for = (code for code in verdicts.values() if any(code in rule.required for rule in program.rules))
    return next(forbidden, None) or next(asked_for, None) or judgement.verdict


def verdicts_of(judgement: Judgement) -> dict[int, str]:
    """Verdict by test number of the tests that were run; empty where it did not compile or failed."""
    return {test["number"]: test["verdict"] for test in judgement.result.get("tests", [])}


def stop_when_decided(program: JuryProgram) -> GoOn:
    """Run on until the tag is refuted, or shown and no longer worth the time."""

    def go_on(outcomes: Sequence[TestOutcome]) -> bool:
        last = outcomes[-1]
        if not _may_get(program, last.number, last.verdict):
            return False
        spent_ms = sum(outcome.time_ms for outcome in outcomes)
        return spent_ms <= PATIENCE_MS or not _is_shown(program, outcomes)

    return go_on


def _may_get(program: JuryProgram, number: int, code: str) -> bool:
    return all(code in rule.permitted for rule in program.rules if rule.tests is None or number in rule.tests)


def _is_shown(program: JuryProgram, outcomes: Sequence[TestOutcome]) -> bool:
    asking = any(rule.required for rule in program.rules)
    return asking and program.is_met_by({outcome.number: outcome.verdict for outcome in outcomes})


def _files(program: JuryProgram) -> list[SourceFile]:
    return [{"name": name, "content": _text(blobs.read(blob))} for name, blob in program.files.items()]


def _text(source: bytes) -> str:
    """Old packages hold sources in Latin-1; whatever can't be UTF-8 is taken for that."""
    try:
        return source.decode()
    except UnicodeDecodeError:
        return source.decode("latin-1")
