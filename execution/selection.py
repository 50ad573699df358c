"""Which submissions somebody means to have judged once more, and which of them can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from execution.languages import LANGUAGES
from execution.listing import Filters
from execution.models import IS_OPEN, Kind, Rejudge, Submission
from execution.states import UNFINISHED, State


@dataclass(frozen=True, slots=True)
class Selection:
    """Which submissions: those that are all of this; what is empty is left open."""

    ids: Sequence[UUID] = ()
    problem: str = ""  # its slug
    user: str = ""
    language: str = ""
    verdict: str = ""  # or "failed", a state
    since: datetime | None = None
    until: datetime | None = None

    @property
    def words(self) -> str:
        """Like "problem aplusb, verdict WA"; empty where everything is left open."""
        named = {
            "submission": " ".join(str(pk) for pk in self.ids),
            "problem": self.problem,
            "user": self.user,
            "language": self.language,
            "verdict": self.verdict,
            "since": self.since and f"{self.since:%Y-%m-%d %H:%M}",
            "until": self.until and f"{self.until:%Y-%m-%d %H:%M}",
        }
        return ", ".join(f"{name} {value}" for name, value in named.items() if value)

    def submissions(self) -> QuerySet[Submission]:
        """They. What never left the queue (cancelled, dropped) is among them only where it is named by its id."""
        rows = Filters(self.problem, self.user, self.verdict).apply(Submission.objects.all())
        if self.language:
            rows = rows.filter(language=self.language)
        if self.since:
            rows = rows.filter(created__gte=self.since)
        if self.until:
            rows = rows.filter(created__lt=self.until)
        if self.ids:
            return rows.filter(pk__in=self.ids)
        return rows.exclude(current__state=State.FAILED, current__started_at=None)


def to_begin(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those that `start` would take: what is being rejudged already is left alone."""
    return _judgeable(submissions).exclude(Exists(Rejudge.objects.filter(IS_OPEN, submission=OuterRef("pk"))))


def _judgeable(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Those that can be judged, by a version that they are not about to be judged by anyway."""
    can_be_judged = submissions.filter(
        kind=Kind.SUBMISSION, problem__version__isnull=False, language__in=list(LANGUAGES)
    )
    return can_be_judged.exclude(current__state__in=UNFINISHED, current__version=F("problem__version"))
