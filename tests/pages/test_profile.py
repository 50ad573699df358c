"""A user's page, and who sees what on it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import banning
from accounts.models import User
from execution.models import Submission
from execution.profile import CELL, WEEKS, bars, heat_map
from execution.standing import tally
from execution.states import State
from execution.verdicts import Verdict
from problems.models import Problem
from tests.factories import make_problem, make_submission
from tests.pages.reading import Page

SignedIn = Callable[[User], Client]


def judged(problem: Problem, user: User, verdict: Verdict, language: str = "python3", days_ago: int = 0) -> None:
    submission = make_submission(
        problem, user, language=language, state=State.COMPLETED, verdict=verdict, finished_at=timezone.now()
    )
    Submission.objects.filter(pk=submission.pk).update(created=timezone.now() - timedelta(days=days_ago))


@pytest.fixture
def tried(problem: Problem, author: User, contestant: User) -> None:
    """One problem solved, with a tag; a private one solved in C."""
    problem.tags = ["graphs"]
    problem.save()
    judged(problem, contestant, Verdict.AC)
    judged(problem, contestant, Verdict.WA, days_ago=3)
    judged(problem, contestant, Verdict.WA, days_ago=3)
    judged(problem, contestant, Verdict.RE, days_ago=500)
    hidden = make_problem(author, "hidden", is_public=False)
    hidden.title, hidden.tags = "Quite secret", ["secrets"]
    hidden.save()
    judged(hidden, contestant, Verdict.AC, language="c")
    tally()


def rows_of(page: Page, caption: str) -> list[tuple[str, str]]:
    """The table's names and numbers."""
    (table,) = {
        element.within[-1].attributes["class"]: element for element in page.all("caption") if element.text == caption
    }.values()
    cells = [
        cell for cell in page.all("th", "td") if table.within[-1] in cell.within and cell.within[-2].tag == "tbody"
    ]
    texts = [cell.text for cell in cells if cell.get("class") != "drawn"]
    return list(zip(texts[::2], texts[1::2], strict=True))


def facts(page: Page) -> dict[str, str]:
    return dict(zip((e.text for e in page.all("dt")), (e.text for e in page.all("dd")), strict=True))


@pytest.mark.usefixtures("tried")
def test_what_is_public_is_counted() -> None:
    page = Page.of(Client().get("/users/contestant/"))
    assert {name: facts(page)[name] for name in ("Solved", "Points", "Place", "Submissions")} == {
        "Solved": "1",
        "Points": "1",
        "Place": "1",
        "Submissions": "4",
    }
    assert rows_of(page, "Results") == [("Wrong answer", "2"), ("Accepted", "1"), ("Runtime error", "1")]
    assert rows_of(page, "Languages") == [("Python 3", "4")]
    assert rows_of(page, "Solved, by tag") == [("graphs", "1")]
    assert page.one("a", href="/problems/next-number/").text == "The next number"
    widths = [bar["width"] for bar in page.all("rect", class_="bar")]
    assert widths == ["100.0", "50.0", "50.0", "100.0", "100.0"]


@pytest.mark.usefixtures("tried")
def test_the_year_is_drawn_and_told() -> None:
    page = Page.of(Client().get("/users/contestant/"))
    assert page.one("svg", class_="heat")["aria-label"].startswith("Submissions day by day: 3 in the last year.")
    assert [rect["class"] for rect in page.all("rect") if rect["class"] not in {"l0", "bar"}] == ["l1", "l1"]
    today = timezone.now().date()
    days = [f"{day:%-d %b %Y}" for day in (today, today - timedelta(days=3))]
    assert rows_of(page, "Submissions day by day") == [(days[0], "1"), (days[1], "2")]
    assert [title.text for title in page.all("title")[1:]] == [f"{days[1]}: 2", f"{days[0]}: 1"]


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize(
    ("who", "submissions", "solves"),
    [("nobody", "4", "1"), ("stranger", "4", "1"), ("contestant", "5", "1"), ("author", "5", "2"), ("staff", "5", "2")],
)
def test_private_problems_are_told_of_to_those_concerned_only(
    who: str, submissions: str, solves: str, request: pytest.FixtureRequest, signed_in: SignedIn
) -> None:
    client = Client() if who == "nobody" else signed_in(request.getfixturevalue(who))
    page = Page.of(client.get("/users/contestant/"))
    assert (facts(page)["Submissions"], facts(page)["Solved"]) == (submissions, solves)
    assert ("Quite secret" in page.html) is (solves == "2")
    assert ("secrets" in page.html) is (solves == "2")
    assert (("C", "1") in rows_of(page, "Languages")) is (submissions == "5")


@pytest.mark.usefixtures("tried")
def test_a_problem_that_is_hidden_later_is_gone_from_the_page(problem: Problem) -> None:
    problem.is_public = False
    problem.save()
    page = Page.of(Client().get("/users/contestant/"))
    assert "The next number" not in page.html
    assert facts(page)["Submissions"] == "0"


def test_nothing_personal_is_told(contestant: User, stranger: User, signed_in: SignedIn) -> None:
    contestant.email, contestant.first_name = "me@example.org", "Hildegard"
    contestant.save()
    html = signed_in(stranger).get("/users/contestant/").content.decode()
    assert "example.org" not in html
    assert "Hildegard" not in html


def test_a_new_user_s_page_is_empty_and_whole(contestant: User) -> None:
    page = Page.of(Client().get("/users/contestant/"))
    assert "None yet." in page.text
    assert "Place" not in facts(page)


@pytest.mark.parametrize("path", ["/users/nobody/", "/users/%00/", "/users/" + "x" * 151 + "/", "/users/Contestant/"])
def test_who_is_not_there_has_no_page(path: str, contestant: User) -> None:
    assert Client().get(path).status_code == 404


def test_banned_users_have_a_page_for_staff_only(contestant: User, staff: User, signed_in: SignedIn) -> None:
    banning.ban(contestant)
    assert Client().get("/users/contestant/").status_code == 404
    assert signed_in(staff).get("/users/contestant/").status_code == 200


@pytest.mark.usefixtures("tried")
def test_it_costs_as_many_queries_however_much_there_is(
    contestant: User, signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(7):
        Client().get("/users/contestant/")
    client = signed_in(contestant)
    with django_assert_num_queries(9):
        client.get("/users/contestant/")


@pytest.mark.parametrize("today", [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 29), date(2024, 2, 29)])
def test_the_heat_map_ends_today_and_begins_on_a_monday(today: date) -> None:
    heat = heat_map(today, {today: 7, today - timedelta(days=400): 9})
    assert heat.squares[0].day.weekday() == 0
    assert heat.squares[-1].day == today
    assert (WEEKS - 1) * 7 < len(heat.squares) <= WEEKS * 7
    assert [square.level for square in heat.busy] == [3]
    assert heat.total == 7
    assert len({(square.x, square.y) for square in heat.squares}) == len(heat.squares)
    assert all(square.x + CELL <= heat.width and square.y + CELL <= heat.height for square in heat.squares)
    assert {day.day for _, day in heat.months} == {1}


def test_the_longest_bar_is_full_and_comes_first() -> None:
    assert [(bar.words, bar.percent) for bar in bars({"b": 1, "a": 1, "c": 3}, str.upper)] == [
        ("C", 100.0),
        ("A", 33.3),
        ("B", 33.3),
    ]
    assert bars({}, str) == []


def test_days_are_those_of_utc(problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant)
    late = datetime.combine(timezone.now().date() - timedelta(days=1), datetime.min.time(), UTC)
    Submission.objects.filter(pk=submission.pk).update(created=late)
    page = Page.of(Client().get("/users/contestant/"))
    assert rows_of(page, "Submissions day by day") == [(f"{late:%-d %b %Y}", "1")]


def test_verdicts_are_named_in_words(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
    assert "Wrong answer" in Page.of(Client().get("/users/contestant/")).text
