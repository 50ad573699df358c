"""Submissions page by page, the newest first, from a place that stays put while new ones come in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from execution.models import Judgement, Submission
from execution.states import State
from execution.verdicts import Verdict

PAGE_SIZE = 50
RARE = 1000  # judgements


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader wants to see: a problem's slug, a user's name, a verdict or a state; "" leaves it open."""

    problem: str = ""
    user: str = ""
    verdict: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From a query string; a NUL, which no name has and some databases refuse, is left out."""
        return cls(**{name: query.get(name, "").replace("\0", "") for name in ("problem", "user", "verdict")})

    @property
    def query(self) -> str:
        """As a query string without "?"; those left open are left out."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    def apply(self, submissions: QuerySet[Submission]) -> QuerySet[Submission]:
        if self.problem:
            submissions = submissions.filter(problem__slug=self.problem)
        if self.user:
            submissions = submissions.filter(owner__username=self.user)
        if self.verdict in State.values:
            return with_outcome(submissions, state=self.verdict)
        return with_outcome(submissions, verdict=self.verdict) if self.verdict else submissions


def with_outcome(submissions: QuerySet[Submission], **outcome: str) -> QuerySet[Submission]:
    """Those whose current judgement has that state, or that verdict.

    A page of a common outcome is soon full of the newest submissions. For a rare one all would be looked through, so
    its few judgements are asked for first.
    """
    few = list(Judgement.objects.filter(**outcome).order_by().values_list("pk", flat=True)[: RARE + 1])
    if len(few) <= RARE:
        return submissions.filter(current__in=few)
    return submissions.filter(Exists(Judgement.objects.filter(pk=OuterRef("current"), **outcome)))


OUTCOMES = [(verdict.value, verdict.words) for verdict in Verdict] + [
    (state.value, state.label) for state in (State.QUEUED, State.RUNNING, State.FAILED)
]


@dataclass(frozen=True, slots=True)
class Place:
    """Between two submissions: just after the one that was sent then and has that id."""

    created: datetime
    id: UUID

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What `str` wrote; None if it is anything else."""
        created, _, number = text.partition("~")
        try:
            return cls(datetime.fromisoformat(created).astimezone(UTC), UUID(number))
        except (ValueError, OverflowError):
            return None

    def __str__(self) -> str:
        return f"{self.created.isoformat()}~{self.id}"


def page_from(
    place: Place | None, submissions: QuerySet[Submission], size: int = PAGE_SIZE
) -> tuple[Sequence[Submission], Place | None]:
    """A page of submissions, with problem, owner and current judgement, and where the next begins (None: nowhere)."""
    if place is not None:
        older = Q(created__lt=place.created) | Q(created=place.created, id__lt=place.id)
        submissions = submissions.filter(older, created__lte=place.created)  # where an index can begin
    ordered = submissions.select_related("problem", "owner", "current").order_by("-created", "-id")
    rows = list(ordered.defer("files", "input", "current__result")[: size + 1])
    page = rows[:size]
    return page, Place(page[-1].created, page[-1].pk) if len(rows) > size else None
