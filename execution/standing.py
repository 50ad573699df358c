"""What users have solved and tried, how hard problems are, and how users rank: all derived from the submissions.

    Submission, current judgement → Standing (user, problem) → ProblemStats (problem) → Rank (user)

The submissions are the truth. A rejudge may take a solve away, a problem may be hidden, a user deleted: nothing here is
counted up or down, it is derived anew and written where it differs. So two tallies at once do no harm, and after any
of them was missed the next is right all the same.

A tally derives the standings that judgements have touched lately, and then those of some more users, in turn, so that
whatever it has not heard of is put right before long. `recount` derives all at once.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Model, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from execution.models import Judgement, Kind, ProblemStats, Rank, Rejudge, Standing, Submission
from execution.states import State
from execution.verdicts import Verdict
from problems.models import MAX_DIFFICULTY, MIN_DIFFICULTY, Problem

log = logging.getLogger(__name__)

Key = tuple[UUID, ...]
Values = Mapping[Key, tuple[Any, ...]]

LOOK_BACK = timedelta(minutes=10)  # a transaction ends after the moment it writes down, and clocks differ
WALK_SECONDS = 1.0  # of each tally: the sweeps wait meanwhile
USERS_AT_ONCE = 20
ROWS_AT_ONCE = 500
ENOUGH_TRIED = 5  # users, for an estimate
POINTS_WHILE_UNKNOWN = 1
# What was not judged is counted out and not filtered out: SQLite would else look through all judgements of that state.
_IS_JUDGED = Q(current__state=State.COMPLETED)
_IS_ACCEPTED = Q(current__verdict=Verdict.AC)


def tally() -> None:
    """One round of the maintenance worker."""
    derive(touched_since(timezone.now() - LOOK_BACK))
    _walk.go_on(time.monotonic() + WALK_SECONDS)
    _add_up()


def recount() -> None:
    """Derive everything anew."""
    for users in _chunks(User.objects.order_by("pk").values_list("pk", flat=True).iterator()):
        derive(users)
    _add_up()


def solved_and_tried(user: User) -> dict[str, bool]:
    """The slugs of the problems that the user was judged on, and whether they are solved; what no tally has seen yet
    included."""
    standings = Standing.objects.filter(user=user).order_by().values_list("problem__slug", "solved_at")
    known = {problem: solved_at is not None for problem, solved_at in standings}
    lately = _sent().filter(owner=user, created__gte=timezone.now() - LOOK_BACK)
    for problem, verdict in lately.order_by().values_list("problem__slug", "current__verdict"):
        if verdict:
            known[problem] = known.get(problem, False) or verdict == Verdict.AC
    return known


def estimate(submissions: int, accepted: int, tried: int, solvers: int) -> int | None:
    """How hard a problem is, from 1 to 10: the fewer of those who tried have solved it, and the fewer submissions were
    accepted, the harder. None where too few have tried. One more success and failure each is assumed, which a few
    more people soon outweigh."""
    if tried < ENOUGH_TRIED:
        return None
    ease = sqrt((solvers + 1) / (tried + 2) * (accepted + 1) / (submissions + 2))
    return MAX_DIFFICULTY - round((MAX_DIFFICULTY - MIN_DIFFICULTY) * ease)


class Walk:
    """Goes through all users again and again, from where it was left."""

    def __init__(self) -> None:
        self._after: UUID | None = None

    def go_on(self, until: float) -> None:
        """Derive some users' standings, until that moment (`time.monotonic`) or the last user."""
        while True:
            users = User.objects.filter(pk__gt=self._after) if self._after else User.objects.all()
            some = list(users.order_by("pk").values_list("pk", flat=True)[:USERS_AT_ONCE])
            derive(some)
            self._after = some[-1] if len(some) == USERS_AT_ONCE else None
            if self._after is None or time.monotonic() >= until:
                return


_walk = Walk()


def touched_since(since: datetime) -> Iterator[UUID]:
    """The users whose submissions were judged, or whose rejudges were applied."""
    judged = Judgement.objects.filter(finished_at__gte=since).exclude(submission__kind__in=[Kind.RUN, Kind.JURY])
    applied = Rejudge.objects.filter(rejudging__finished_at__gte=since)
    for rows in (judged, applied):
        owners = rows.exclude(submission__owner=None).order_by().values_list("submission__owner", flat=True)
        yield from owners.distinct()


def derive(users: Iterable[UUID]) -> None:
    """Write these users' standings where they differ from what their submissions say."""
    for some in _chunks(users):
        counts = {
            "attempts": Count("pk", filter=_IS_JUDGED),
            "accepted": Count("pk", filter=_IS_ACCEPTED),
            "solved_at": Min("created", filter=_IS_ACCEPTED),
        }
        rows = _sent().filter(owner__in=some).order_by().values("owner", "problem").annotate(**counts)
        derived = _keyed(rows.values_list("owner", "problem", *counts), 2)
        wanted = {key: values for key, values in derived.items() if values[0]}
        _write(Standing.objects.filter(user__in=some), ["user", "problem"], list(counts), wanted)


def _add_up() -> None:
    fields = ["submissions", "accepted", "tried", "solvers", "difficulty"]
    _write(ProblemStats.objects.all(), ["problem"], fields, _stats())
    _write(Rank.objects.all(), ["user"], ["points", "solved", "last_solved_at"], _ranks())


def _stats() -> Values:
    rows = Standing.objects.order_by().values("problem")
    sums = rows.values_list("problem", Sum("attempts"), Sum("accepted"), Count("pk"), Count("solved_at"))
    return {key: (*counts, estimate(*counts)) for key, counts in _keyed(sums, 1).items()}


def _ranks() -> Values:
    """A solved problem gives as many points as it is hard."""
    public = Problem.objects.public().values("pk")
    solved = Standing.objects.filter(solved_at__isnull=False, problem__in=public, user__is_active=True)
    points = Sum(Coalesce(F("problem__difficulty"), F("problem__stats__difficulty"), POINTS_WHILE_UNKNOWN))
    rows = solved.order_by().values("user").annotate(points=points, solved=Count("pk"), last=Max("solved_at"))
    return _keyed(rows.values_list("user", "points", "solved", "last"), 1)


def _sent() -> QuerySet[Submission]:
    # Not by their kind: see execution.access.listed_for.
    return Submission.objects.exclude(kind__in=[Kind.RUN, Kind.JURY])


def _keyed(rows: Iterable[tuple[Any, ...]], keys: int) -> dict[Key, tuple[Any, ...]]:
    return {row[:keys]: row[keys:] for row in rows}


def _write(rows: QuerySet[Any], keys: Sequence[str], fields: Sequence[str], wanted: Values) -> None:
    """Make the rows say what is wanted: values of `fields` by those of `keys`."""
    found = _keyed(rows.order_by().values_list(*keys, *fields), len(keys))
    model: type[Model] = rows.model
    names = [f"{name}_id" for name in keys]  # they are foreign keys
    differing = [
        model(**dict(zip([*names, *fields], (*key, *values), strict=True)))
        for key, values in wanted.items()
        if found.get(key) != values
    ]
    for start in range(0, len(differing), ROWS_AT_ONCE):  # a transaction each: others write meanwhile
        some = differing[start : start + ROWS_AT_ONCE]
        model._default_manager.bulk_create(some, update_conflicts=True, unique_fields=keys, update_fields=fields)
    for key in found.keys() - wanted.keys():
        rows.filter(**dict(zip(keys, key, strict=True))).delete()
    if differing:
        log.debug("tallied %d %s", len(differing), model._meta.verbose_name_plural)


def _chunks(users: Iterable[UUID]) -> Iterator[list[UUID]]:
    some: list[UUID] = []
    for user in users:
        some.append(user)
        if len(some) == USERS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some
