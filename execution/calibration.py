"""Measures the time limit of problems whose package has none, from its slowest accepted submission.

The format (2025-09, "Problem timing"): the limit is the smallest multiple of the resolution that is at least the
slowest accepted submission's time, multiplied by a safety factor. Until then the version waits unpublished, and its
submissions run under a generous limit.
"""

import logging
import math
from datetime import timedelta

from django.db.models import F, Max
from django.utils import timezone

from execution import jury
from execution.languages import LANGUAGES
from execution.models import Judgement, Kind
from execution.states import TERMINAL, State
from problems.content import JuryProgram, Timing
from problems.models import MAX_TIME_LIMIT_MS, MAX_TROUBLE, ProblemVersion

log = logging.getLogger(__name__)

MAX_QUEUED = 10  # jury programs that we keep waiting at a time
RETRY_AFTER = timedelta(minutes=1)


def advance() -> None:
    """Send what must be measured, and set the limits of what was."""
    waiting = ProblemVersion.objects.filter(time_limit_ms=None).select_related("problem")
    newest = waiting.annotate(newest=Max("problem__versions__number")).filter(number=F("newest"))
    for version in newest:
        try:
            trouble = measure(version) or ""
        except (OSError, ValueError) as error:  # one problem's trouble is no other's
            trouble = str(error)
        _note(version, trouble)


def measure(version: ProblemVersion) -> str | None:
    """Take the next step for one version: None while it goes on or once the limit is set, else why it can't be set."""
    programs = [program for program in jury.judged_languages(version) if is_let_through(program)]
    if not programs:
        return "it has no accepted submission in a language that there is"
    judgements = judgements_of(version)
    for program in programs:
        if _is_to_be_sent(judgements.get(program.path)) and jury.queued() < MAX_QUEUED:
            jury.send(version, program)
    if any(program.path not in judgements or judgements[program.path].state not in TERMINAL for program in programs):
        return None
    failed = [program.path for program in programs if judgements[program.path].state == State.FAILED]
    if failed:
        return f"{', '.join(failed)} could not be judged; it is tried again"
    wrong = [program.path for program in programs if not jury.is_met(program, judgements[program.path])]
    if wrong:
        return f"{', '.join(wrong)} should be accepted, but isn't"
    slowest_ms = max(slowest_ms_of(program, judgements[program.path]) for program in programs)
    milliseconds = limit_ms(slowest_ms, version.timing)
    if milliseconds > MAX_TIME_LIMIT_MS:
        return f"{milliseconds} ms would follow, more than the {MAX_TIME_LIMIT_MS} ms that a time limit may be"
    version.set_time_limit(milliseconds)
    log.info("%s: slowest accepted %d ms, so its time limit is %d ms", version, slowest_ms, version.time_limit_ms)
    return None


def limit_ms(slowest_ms: float, timing: Timing) -> int:
    """The time limit that follows from the slowest accepted submission's time."""
    resolution_ms = timing.resolution_seconds * 1000
    steps = max(1, math.ceil(slowest_ms * timing.ac_to_time_limit / resolution_ms))
    return round(steps * resolution_ms)


def _is_to_be_sent(judgement: Judgement | None) -> bool:
    """Whether it was not sent yet, or failed by our fault a while ago."""
    if judgement is None:
        return True
    return judgement.state == State.FAILED and judgement.queued_at < timezone.now() - RETRY_AFTER


def _note(version: ProblemVersion, trouble: str) -> None:
    """Let the problem's setter see why it waits."""
    trouble = trouble[:MAX_TROUBLE]
    if trouble != version.trouble:
        if trouble:
            log.warning("%s: its time limit can't be measured: %s", version, trouble)
        version.trouble = trouble
        version.save(update_fields=["trouble"])


def judgements_of(version: ProblemVersion) -> dict[str, Judgement]:
    """The latest judgement of each of the version's jury programs, by path."""
    rows = Judgement.objects.filter(version=version, submission__kind=Kind.JURY).select_related("submission")
    rows = rows.defer("submission__files", "submission__input")
    return {row.submission.jury_path: row for row in rows.order_by("queued_at")}


def is_let_through(program: JuryProgram) -> bool:
    """Whether the time limit must let it through, at least on some tests."""
    return any(rule.bounds == "lower" for rule in program.rules)


def slowest_ms_of(program: JuryProgram, judgement: Judgement) -> float:
    """Its slowest time on those tests, as if its language had neither factor nor extra."""
    language = LANGUAGES[program.language]
    bounding = [rule.tests for rule in program.rules if rule.bounds == "lower"]
    times = [
        test["timeMs"]
        for test in judgement.result["tests"]
        if any(tests is None or test["number"] in tests for tests in bounding)
    ]
    return max(0, max(times, default=0) - language.time_extra_ms) / language.time_factor
