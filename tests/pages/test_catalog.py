"""The list of problems: found, filtered, sorted, and marked with what the reader has done."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution import catalog
from execution.models import ProblemStats, Standing
from execution.states import State
from execution.verdicts import Verdict
from problems import cache
from problems.models import Problem
from tests.factories import make_problem, make_submission
from tests.pages.reading import Page

SignedIn = Callable[[User], Client]


@pytest.fixture
def shelf(problem: Problem, author: User) -> list[Problem]:
    """Four problems, the newest last."""
    problem.delete()
    rows: list[tuple[str, str, list[str], int | None, tuple[int, int, int, int] | None]] = [
        ("ants", "Ants on a log", ["ad hoc"], 1, (100, 90, 50, 49)),
        ("bridges", "Bridges", ["graphs", "trees & cuts"], 5, (100, 40, 50, 30)),
        ("cubes", "Çubes", ["graphs"], None, (10, 1, 9, 1)),
        ("dust", "Dust", [], None, None),
    ]
    return [_shelved(author, *row) for row in rows]


def _shelved(author: User, slug: str, title: str, tags: list[str], difficulty: int | None, stats: Any) -> Problem:
    problem = make_problem(author, slug)
    problem.title, problem.tags, problem.difficulty = title, tags, difficulty
    problem.save()
    if stats:
        names = ("submissions", "accepted", "tried", "solvers")
        ProblemStats.objects.create(problem=problem, difficulty=8, **dict(zip(names, stats, strict=True)))
    return problem


def titles(page: Page) -> list[str]:
    return [cell.text for cell in page.all("th", scope="row")]


def shown(query: str, client: Client | None = None) -> str:
    """The first letters of the titles, in order."""
    return "".join(title[0] for title in titles(Page.of((client or Client()).get(f"/?{query}"))))


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "letters"),
    [
        ("", "DÇBA"),
        ("sort=newest", "DÇBA"),
        ("sort=title", "ABDÇ"),
        ("sort=difficulty", "ABÇD"),
        ("sort=-difficulty", "ÇBAD"),
        ("sort=acceptance", "ABÇD"),
        ("sort=solvers", "ABÇD"),
        ("sort=nonsense", "DÇBA"),
        ("q=brid", "B"),
        ("q=LOG+ants", "A"),
        ("q=%C3%A7ub", "Ç"),  # ç
        ("q=cubes", "Ç"),  # by its slug
        ("q=hoc", "A"),
        ("q=nothing", ""),
        ("q=%00", ""),
        ("tag=graphs", "ÇB"),
        ("tag=graphs&sort=title", "BÇ"),
        ("tag=trees+%26+cuts", "B"),
        ("tag=nonsense", ""),
        ("difficulty=easy", "A"),
        ("difficulty=medium", "B"),
        ("difficulty=hard", "Ç"),
        ("difficulty=nonsense", "DÇBA"),
        ("difficulty=hard&tag=ad+hoc", ""),
        ("status=solved", "DÇBA"),  # nobody is signed in
        ("q=" + "x" * 3000, ""),
    ],
)
def test_problems_are_found_and_sorted(query: str, letters: str) -> None:
    assert shown(query) == letters


def test_a_row_says_how_hard_it_is_and_how_many_have_solved_it(shelf: list[Problem]) -> None:
    page = Page.of(Client().get("/?sort=title"))
    rows = [[cell.text for cell in page.all("td") if row in cell.within] for row in page.all("tr")[1:]]
    assert rows == [
        ["ad hoc", "1", "90 %", "49"],
        ["graphs trees & cuts", "5", "40 %", "30"],
        ["", "–", "–", "0"],
        ["graphs", "8", "10 %", "1"],
    ]
    assert page.one("a", href="?tag=trees%20%26%20cuts").text == "trees & cuts"
    assert page.one("a", href="/problems/bridges/").text == "Bridges"


def test_what_was_chosen_stays_in_the_form_and_in_the_links(
    shelf: list[Problem], contestant: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "PAGE_SIZE", 1)
    page = Page.of(signed_in(contestant).get("/?q=s&tag=graphs&status=untouched&sort=title"))
    assert page.one("input", name="q")["value"] == "s"
    assert [option["value"] for option in page.all("option", selected="")] == ["graphs", "untouched", "title"]
    assert page.one("a", rel="next")["href"] == "?q=s&tag=graphs&status=untouched&sort=title&page=2"
    assert page.one("a", class_="mine")["href"] == "/"
    assert "2 problems" in page.text


def test_tags_are_offered_with_their_numbers(shelf: list[Problem]) -> None:
    page = Page.of(Client().get("/"))
    choice = page.one("select", name="tag")
    offered = [option.text for option in page.all("option") if choice in option.within]
    assert offered == ["Any", "ad hoc (1)", "graphs (2)", "trees & cuts (1)"]


def test_without_any_tags_none_are_offered(problem: Problem) -> None:
    assert not Page.of(Client().get("/")).all("select", name="tag")


def test_the_reader_s_own_problems_are_marked_by_shape_and_in_words(
    shelf: list[Problem], contestant: User, signed_in: SignedIn
) -> None:
    ants, bridges, cubes, _ = shelf
    Standing.objects.create(user=contestant, problem=ants, attempts=2, accepted=1, solved_at=timezone.now())
    Standing.objects.create(user=contestant, problem=bridges, attempts=2, accepted=0)
    make_submission(cubes, contestant, state=State.COMPLETED, verdict=Verdict.AC)
    client = signed_in(contestant)
    marks = [(mark["data-status"], mark.text) for mark in Page.of(client.get("/?sort=title")).all(class_="mark")]
    assert marks == [("solved", "Solved"), ("tried", "Tried, not solved"), ("solved", "Solved")]
    assert shown("status=solved", client) == "ÇA"
    assert shown("status=tried", client) == "B"
    assert shown("status=untouched", client) == "D"


def test_others_marks_are_nobody_s_business(
    shelf: list[Problem], contestant: User, stranger: User, signed_in: SignedIn
) -> None:
    Standing.objects.create(user=contestant, problem=shelf[0], attempts=1, accepted=1, solved_at=timezone.now())
    assert not Page.of(signed_in(stranger).get("/")).all(class_="mark")
    page = Page.of(Client().get("/"))
    assert not page.all(class_="mark")
    assert not page.all("select", name="status")


@pytest.mark.parametrize(
    ("query", "shown", "links"),
    [
        ("", range(50), ["?page=2"]),
        ("&page=2", range(50, 100), ["?page=1", "?page=3"]),
        ("&page=3", range(100, 102), ["?page=2"]),
        ("&page=9", range(100, 102), ["?page=2"]),
        ("&page=a", range(50), ["?page=2"]),
    ],
)
def test_there_are_fifty_problems_on_a_page(query: str, shown: range, links: list[str], problem: Problem) -> None:
    Problem.objects.bulk_create(
        Problem(slug=f"a{n:03}", title=f"No. {n:03}", owner=problem.owner, version=problem.version, is_public=True)
        for n in range(101)
    )
    page = Page.of(Client().get(f"/?sort=title{query}"))
    assert titles(page) == [f"No. {n:03}" if n < 101 else problem.title for n in shown]
    assert [link["href"] for link in page.all("a") if "page=" in link["href"]] == [
        link.replace("?", "?sort=title&") for link in links
    ]
    assert "of 3" in page.one("nav", aria_label="Pages").text


@pytest.mark.parametrize(("who", "queries"), [("nobody", 1), ("contestant", 6)])
def test_the_list_costs_as_many_queries_however_long_it_is(
    who: str, queries: int, shelf: list[Problem], contestant: User, signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    client = signed_in(contestant) if who == "contestant" else Client()
    with django_assert_num_queries(queries) as asked:
        client.get("/")
    assert not [query for query in asked.captured_queries if "test_cases_json" in query["sql"]]
    with django_assert_num_queries(queries - 1):  # the rows are kept
        client.get("/")


def test_what_is_kept_is_dropped_when_a_problem_changes(
    shelf: list[Problem], django_capture_on_commit_callbacks: Any
) -> None:
    assert shown("") == "DÇBA"
    with django_capture_on_commit_callbacks(execute=True):
        Problem.objects.filter(slug="dust").update(is_public=False)
    assert shown("") == "ÇBA"


def test_it_goes_on_without_redis(shelf: list[Problem], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_attempt", lambda _: None)
    assert shown("") == "DÇBA"


def test_an_empty_list_says_so(db: None) -> None:
    assert "There are no problems yet." in Page.of(Client().get("/")).text
    assert "No problems are like that." in Page.of(Client().get("/?q=x")).text


@pytest.mark.parametrize(("who", "sees"), [("author", True), ("staff", True), ("stranger", False), ("nobody", False)])
def test_problems_that_are_not_public_stand_apart_for_those_who_may_see_them(
    who: str, sees: bool, author: User, staff: User, stranger: User, signed_in: SignedIn
) -> None:
    make_problem(author, "secret", is_public=False)
    waiting = make_problem(author, "waiting")
    waiting.version = None
    waiting.save()
    users = {"author": author, "staff": staff, "stranger": stranger}
    client = signed_in(users[who]) if who in users else Client()
    page = Page.of(client.get("/"))
    assert titles(page) == []
    assert bool(page.all("a", href="/problems/secret/")) is sees
    assert ("waits for its time limit" in page.text) is sees
    assert not Page.of(client.get("/?q=number")).all("a", href="/problems/secret/")


def test_the_page_is_light(problem: Problem) -> None:
    """Fifty problems with tags and marks; the styles and the icon are weighed with all static files."""
    Problem.objects.bulk_create(
        Problem(
            slug=f"p-{n}-{hash_of(n)}",
            title=f"Problem {hash_of(n)}",
            tags=[f"tag {n % 7}", f"topic {n % 40}", "graphs"],
            difficulty=n % 10 + 1,
            owner=problem.owner,
            version=problem.version,
            is_public=True,
        )
        for n in range(200)
    )
    assert len(gzip.compress(Client().get("/").content)) < 10_000


def hash_of(n: int) -> str:
    """Letters that don't compress well."""
    return f"{n * 2654435761 % 2**32:x}"
