"""The list of problems: searched, filtered and sorted in memory, from rows that are kept in Redis for half a minute.

That is the same on every database, knows capital letters of every alphabet, and costs two milliseconds for 2,000
problems. Only what is public is kept; what the reader has done is asked for each time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from execution.standing import solved_and_tried
from problems import cache
from problems.models import Problem

PAGE_SIZE = 50
KEPT_SECONDS = 30
MAX_HIDDEN = 50

LEVELS = {"easy": range(1, 4), "medium": range(4, 7), "hard": range(7, 11)}
LEVEL_WORDS = {"easy": _("Easy, 1 to 3"), "medium": _("Medium, 4 to 6"), "hard": _("Hard, 7 to 10")}
SOLVED, TRIED, UNTOUCHED = "solved", "tried", "untouched"
STATUS_WORDS = {SOLVED: _("Solved"), TRIED: _("Tried, not solved"), UNTOUCHED: _("Not tried yet")}
SORT_WORDS = {
    "newest": _("Newest first"),
    "title": _("By title"),
    "difficulty": _("Easiest first"),
    "-difficulty": _("Hardest first"),
    "acceptance": _("Most accepted first"),
    "solvers": _("Most solvers first"),
}


class Entry(NamedTuple):
    """A public problem in the list. Without statistics nobody has been judged on it; difficulty is from 1 to 10."""

    slug: str
    title: str
    tags: list[str]
    difficulty: int | None
    submissions: int | None
    accepted: int | None
    solvers: int | None

    @property
    def acceptance(self) -> float | None:
        """Of a hundred submissions, how many were accepted."""
        return 100 * (self.accepted or 0) / self.submissions if self.submissions else None

    @property
    def level(self) -> str:
        return next((level for level, numbers in LEVELS.items() if self.difficulty in numbers), "")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants to see; "" leaves it open. All of it stands in the address."""

    q: str = ""
    tag: str = ""
    difficulty: str = ""
    status: str = ""
    sort: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From a query string, without what this page does not offer."""
        choice = cls(**{name: query.get(name, "").strip() for name in cls.__slots__})
        return replace(
            choice,
            difficulty=choice.difficulty if choice.difficulty in LEVELS else "",
            status=choice.status if choice.status in STATUS_WORDS else "",
            sort=choice.sort if choice.sort in list(SORT_WORDS)[1:] else "",
        )

    @property
    def query(self) -> str:
        """As a query string without "?"; what is left open is left out."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def is_open(self) -> bool:
        """Whether it shows all problems."""
        return not (self.q or self.tag or self.difficulty or self.status)

    def apply(self, entries: Iterable[Entry], statuses: Mapping[str, str]) -> list[Entry]:
        """Those wanted, in the order wanted, of entries of which the newest is first."""
        words = self.q.casefold().split()
        wanted = [
            entry
            for entry in entries
            if (not self.tag or self.tag in entry.tags)
            and (not self.difficulty or entry.level == self.difficulty)
            and (not self.status or statuses.get(entry.slug, UNTOUCHED) == self.status)
            and (not words or _has(entry, words))
        ]
        return sorted(wanted, key=_ORDERS[self.sort]) if self.sort else wanted


def _has(entry: Entry, words: Sequence[str]) -> bool:
    text = f"{entry.title} {entry.slug} {' '.join(entry.tags)}".casefold()
    return all(word in text for word in words)


# What is not known comes last.
_ORDERS: dict[str, Callable[[Entry], Any]] = {
    "title": lambda entry: (entry.title.casefold(), entry.slug),
    "difficulty": lambda entry: (entry.difficulty is None, entry.difficulty or 0),
    "-difficulty": lambda entry: -(entry.difficulty or 0),
    "acceptance": lambda entry: -1 if entry.acceptance is None else -entry.acceptance - 2,
    "solvers": lambda entry: -(entry.solvers or 0),
}


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """The public problems, page by page; below the first those that only this reader sees."""
    reader = request.user if isinstance(request.user, User) else None
    choice = Choice.read(request.GET)
    if reader is None:
        choice = replace(choice, status="")
    entries, statuses = _entries(), _statuses(reader)
    page = Paginator(choice.apply(entries, statuses), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(page, statuses),
        "choice": choice,
        "tags": sorted(Counter(tag for entry in entries for tag in entry.tags).items()),
        "levels": LEVEL_WORDS.items(),
        "statuses": STATUS_WORDS.items() if reader else (),
        "sorts": SORT_WORDS.items(),
        "hidden": _hidden(reader) if reader and choice.is_open and page.number == 1 else (),
    }
    return render(request, "execution/catalog.html", context)


def _entries() -> list[Entry]:
    rows = cache.kept("problems:catalog", _load, KEPT_SECONDS) or []
    return [Entry._make(row) for row in rows]


def _load() -> list[tuple[Any, ...]]:
    difficulty = Coalesce("difficulty", "stats__difficulty")
    stats = ("stats__submissions", "stats__accepted", "stats__solvers")
    newest_first = Problem.objects.public().order_by("-created", "-id")
    return list(newest_first.values_list("slug", "title", "tags", difficulty, *stats))


def _statuses(reader: User | None) -> dict[str, str]:
    if reader is None:
        return {}
    return {problem: SOLVED if is_solved else TRIED for problem, is_solved in solved_and_tried(reader).items()}


def _rows(page: Page[Entry], statuses: Mapping[str, str]) -> list[dict[str, Any]]:
    rows = [(entry, statuses.get(entry.slug, "")) for entry in page]
    return [{"problem": entry, "status": status, "words": STATUS_WORDS.get(status, "")} for entry, status in rows]


def _hidden(reader: User) -> list[Problem]:
    """One's own that aren't public, all of them for staff; the newest few."""
    hidden = Problem.objects.visible_to(reader).filter(Q(is_public=False) | Q(version__isnull=True))
    return list(hidden.order_by("-created", "-id").only("slug", "title", "version_id")[:MAX_HIDDEN])
