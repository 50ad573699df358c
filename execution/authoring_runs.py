"""A version's tagged submissions as its author's page shows them: sent all at once, told of as they come in.

They wait behind everybody's submissions. What came of each is its latest judgement for that version, so nothing else
is kept: the table is there as long as the version is, and shows what measuring the time limit found, too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from execution import calibration, capacity, jury, verification
from execution.languages import LANGUAGES
from execution.models import Judgement
from execution.states import TERMINAL, State
from execution.verification import Row
from problems.content import JuryProgram
from problems.models import ProblemVersion

MAX_PROGRAMS = 200  # sent at once; `verify_problem` runs any number

STATES: dict[str, Promise] = {
    State.QUEUED.value: gettext_lazy("waiting in the queue"),
    State.RUNNING.value: gettext_lazy("being judged"),
}


class NotNow(Exception):
    """They can't be run; the message is for people."""


@dataclass(frozen=True, slots=True)
class Line:
    """A tagged submission: what its tag asks for, where it stands, and once that is known, what came of it."""

    program: JuryProgram
    language: str
    is_judged_here: bool
    state: str = ""
    row: Row | None = None
    submission: UUID | None = None
    share: float | None = None  # of the time limit that its slowest test takes

    @property
    def name(self) -> str:
        return self.program.path.removeprefix("submissions/")

    @property
    def percent(self) -> int:
        """Of the time limit, rounded up."""
        return math.ceil(100 * (self.share or 0))

    @property
    def words(self) -> str:
        """Where it stands, while nothing came of it."""
        if not self.is_judged_here:
            return _("its language is not judged here")
        return str(STATES.get(self.state, "")) or _("not run yet")


@dataclass(frozen=True, slots=True)
class Comparison:
    """All tagged submissions of a version."""

    version: ProblemVersion
    lines: Sequence[Line]

    @property
    def sent(self) -> list[Line]:
        return [line for line in self.lines if line.state]

    @property
    def done(self) -> int:
        return sum(line.row is not None for line in self.lines)

    @property
    def is_under_way(self) -> bool:
        return any(line.row is None for line in self.sent) or self.is_being_measured

    @property
    def is_being_measured(self) -> bool:
        return self.version.time_limit_ms is None and not self.version.trouble

    @property
    def differing(self) -> int:
        return sum(line.row is not None and not line.row.met for line in self.lines)

    @property
    def slowest(self) -> Line | None:
        """The one that bounds the time limit from below."""
        bounding = [line for line in self.lines if line.share is not None and calibration.is_let_through(line.program)]
        return max(bounding, key=lambda line: line.share or 0, default=None)

    @property
    def words(self) -> str:
        """How it stands, in one line."""
        if self.is_under_way:
            return self._progress()
        if self.version.time_limit_ms is None:
            return _("The time limit can't be measured: %(why)s") % {"why": self.version.trouble}
        if not self.done:
            return _("None has been run for this version yet.")
        if self.differing:
            return ngettext(
                "%(count)d of %(done)d did not do what its tag says.",
                "%(count)d of %(done)d did not do what their tags say.",
                self.differing,
            ) % {"count": self.differing, "done": self.done}
        return ngettext(
            "It did what its tag says.", "All %(done)d that were run did what their tags say.", self.done
        ) % {"done": self.done}

    def _progress(self) -> str:
        told = {"done": self.done, "total": len(self.sent)}
        words = _("Judged %(done)d of %(total)d.") % told
        if self.is_being_measured:
            words = _("The time limit is being measured: %(done)d of %(total)d judged.") % told
        return words if capacity.judges_are_there() else f"{words} {_('No judge takes submissions just now.')}"


def comparison(version: ProblemVersion) -> Comparison:
    """How a version's tagged submissions stand."""
    judgements = calibration.judgements_of(version)
    there = {program.path for program in jury.judged_languages(version)}
    lines = [_line(version, program, judgements.get(program.path), program.path in there) for program in version.jury]
    return Comparison(version, lines)


def start(version: ProblemVersion) -> int:
    """Run all that can be judged here; returns how many. Raises NotNow."""
    if version.time_limit_ms is None:
        raise NotNow(_("They can be run once the time limit is known."))
    if comparison(version).is_under_way:
        raise NotNow(_("They are being run already."))
    programs = jury.judged_languages(version)[:MAX_PROGRAMS]
    if not programs:
        raise NotNow(_("None of them is in a language that is judged here."))
    for program in programs:
        jury.send(version, program)
    return len(programs)


def _line(version: ProblemVersion, program: JuryProgram, judgement: Judgement | None, is_judged_here: bool) -> Line:
    language = LANGUAGES.get(program.language)
    name = language.name if language else program.language
    if judgement is None:
        return Line(program, name, is_judged_here)
    is_over = judgement.state in TERMINAL
    return Line(
        program=program,
        language=name,
        is_judged_here=True,
        state=judgement.state,
        row=verification.row_of(program, judgement) if is_over else None,
        submission=judgement.submission_id,
        share=_share(version, program, judgement) if is_over else None,
    )


def _share(version: ProblemVersion, program: JuryProgram, judgement: Judgement) -> float | None:
    """Of the limit in its language."""
    if version.time_limit_ms is None or judgement.time_ms is None:
        return None
    return judgement.time_ms / LANGUAGES[program.language].time_limit_ms(version.time_limit_ms)
