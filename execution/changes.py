"""What a rejudging changes, or would change once it is applied."""

from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from execution.models import Rejudge, Rejudging
from execution.states import TERMINAL, State


@dataclass(frozen=True, slots=True)
class Change:
    """How many submissions went from one outcome to another, in words; `after` is empty where there is none yet."""

    before: str
    after: str
    count: int
    is_judged: bool
    is_change: bool


def changed(rejudges: QuerySet[Rejudge]) -> QuerySet[Rejudge]:
    """Those whose new verdict is another one than before."""
    other = Q(before=None) | ~Q(judgement__verdict=F("before__verdict"))
    return rejudges.filter(other, judgement__state=State.COMPLETED)


def changes_of(row: Rejudging) -> list[Change]:
    """All submissions of a rejudging, counted by old and new outcome, the most frequent first."""
    groups = row.rejudges.order_by().values_list(
        "before__state", "before__verdict", "judgement__state", "judgement__verdict"
    )
    changes = [
        Change(
            before=_outcome(old_state, old_verdict),
            after=_outcome(state, verdict),
            count=count,
            is_judged=state in TERMINAL,
            is_change=state == State.COMPLETED and verdict != old_verdict,
        )
        for old_state, old_verdict, state, verdict, count in groups.annotate(Count("pk"))
    ]
    return sorted(changes, key=lambda change: (not change.is_change, -change.count, change.before, change.after))


def _outcome(state: str | None, verdict: str | None) -> str:
    return verdict or (str(State(state).label) if state else "")
