"""A user's public page: what they have solved, when they were at it, and how it went.

It shows of their submissions what the reader may see of them in the list of submissions, so private problems are not
told of here either; and of the user themselves the name and the day they joined.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, QuerySet
from django.db.models.functions import TruncDate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.models import User
from execution.access import Viewer, listed_for
from execution.languages import LANGUAGES
from execution.models import Rank, Standing, Submission
from execution.pages import words_for
from execution.ranking import place_of
from problems.models import Problem

WEEKS = 53
CELL, GAP, TOP = 11, 3, 16  # of the heat map, in units of its drawing
LEVELS = (1, 3, 6, 10)  # from so many submissions a day on, the colour is stronger
SHOWN = 200  # solved problems
SHOWN_TAGS = 15
Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A count, and how long its bar is: percent of the longest."""

    words: str
    count: int
    percent: float
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the heat map."""

    day: date
    count: int
    x: int
    y: int

    @property
    def level(self) -> int:
        """0: nothing, to 4: a lot."""
        return sum(self.count >= level for level in LEVELS)

    @property
    def words(self) -> str:
        return date_format(self.day)


@dataclass(frozen=True, slots=True)
class HeatMap:
    squares: list[Square]
    months: list[tuple[int, date]]  # x, and the first day of a month that begins in that week
    total: int

    width = WEEKS * (CELL + GAP)
    height = TOP + 7 * (CELL + GAP)

    @property
    def drawn(self) -> SafeString:
        """The squares, as SVG: a template would take fifty milliseconds for so many."""
        return format_html_join("", _SQUARE, (_drawn(square) for square in self.squares))

    @property
    def busy(self) -> list[Square]:
        """The days with submissions, the last one first."""
        return [square for square in reversed(self.squares) if square.count]


_SQUARE = format_html('<rect class="l{{}}" x="{{}}" y="{{}}" width="{0}" height="{0}">{{}}</rect>', CELL)


def _drawn(square: Square) -> tuple[int, int, int, str]:
    title = format_html("<title>{}: {}</title>", square.words, square.count) if square.count else ""
    return square.level, square.x, square.y, title


@require_safe
def profile(request: HttpRequest, name: str) -> HttpResponse:
    viewer = Viewer.of(request)
    user = User.objects.filter(username=name).first()
    if user is None or not (user.is_active or viewer.is_staff):
        raise Http404
    sent = listed_for(viewer).filter(owner=user).order_by()
    counts = _counts(sent)
    solved = _solved(user, viewer)
    today = timezone.now().date()
    context = {
        "owner": user,
        "rank": Rank.objects.filter(user=user).first(),
        "place": place_of(user) if user.is_active else None,
        "judged": sum(counts.values()),
        "solved_count": len(solved),
        "solved": solved[:SHOWN],
        "more": max(len(solved) - SHOWN, 0),
        "heat": heat_map(today, _days(sent, first_day(today))),
        "verdicts": bars(_summed(counts, 0), words_for, is_verdict=True),
        "languages": bars(_summed(counts, 1), lambda id: LANGUAGES[id].name if id in LANGUAGES else id),
        "tags": bars(Counter(tag for row in solved for tag in row["tags"]), str)[:SHOWN_TAGS],
    }
    return render(request, "execution/profile.html", context)


def first_day(today: date) -> date:
    """The Monday that the heat map begins with."""
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def heat_map(today: date, counts: Mapping[date, int]) -> HeatMap:
    """The last WEEKS weeks, one beside the other, from Monday down to Sunday."""
    first = first_day(today)
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    squares = [
        Square(day, counts.get(day, 0), n // 7 * (CELL + GAP), TOP + n % 7 * (CELL + GAP)) for n, day in enumerate(days)
    ]
    # The last weeks have no room for a name beside them.
    months = [(square.x, square.day) for square in squares if square.day.day == 1 and square.x < HeatMap.width - 30]
    return HeatMap(squares, months, sum(square.count for square in squares))


def bars(counts: Mapping[str, int], words: Text, *, is_verdict: bool = False) -> list[Bar]:
    """The most frequent first."""
    longest = max(counts.values(), default=1)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        Bar(words(name), count, round(100 * count / longest, 1), name if is_verdict else "") for name, count in ordered
    ]


def _counts(sent: QuerySet[Submission]) -> dict[tuple[str, str], int]:
    """Of those that were judged, by verdict and language."""
    rows = sent.values_list("current__verdict", "language").annotate(count=Count("pk"))
    return {(verdict, language): count for verdict, language, count in rows if verdict}


def _summed(counts: Mapping[tuple[str, str], int], part: int) -> Counter[str]:
    summed: Counter[str] = Counter()
    for key, count in counts.items():
        summed[key[part]] += count
    return summed


def _days(sent: QuerySet[Submission], since: date) -> dict[date, int]:
    days = (
        sent.filter(created__gte=datetime.combine(since, time.min, UTC))
        .annotate(day=TruncDate("created"))
        .values_list("day")
    )
    return dict(days.annotate(count=Count("pk")))


def _solved(user: User, viewer: Viewer) -> list[Any]:
    """The problems they have solved and the viewer may read, the last one first: slug, title, tags, solved_at."""
    visible = Problem.objects.visible_to(viewer.user or AnonymousUser())
    solved = Standing.objects.filter(user=user, solved_at__isnull=False, problem__in=visible.order_by().values("pk"))
    fields = {name: F(f"problem__{name}") for name in ("slug", "title", "tags")}
    return list(solved.order_by("-solved_at").values("solved_at", **fields))
