"""The list of submissions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution import listing
from execution.models import Submission
from execution.states import State
from execution.verdicts import Verdict
from problems.models import Problem
from tests.factories import make_problem, make_submission
from tests.pages.reading import Page

SignedIn = Callable[[User], Client]


def results(page: Page) -> list[str]:
    """The first cell of every line."""
    return [cell.text for cell in page.all("th", scope="row")]


def test_submissions_are_listed_for_everybody_newest_first(problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant, state=State.COMPLETED, verdict=Verdict.AC, time_ms=12, memory_kb=9300)
    make_submission(problem, contestant)
    page = Page.of(Client().get("/submissions/"))
    assert results(page) == ["Queued", "AC · Accepted"]
    cells = [cell.text for cell in page.all("td")]
    assert cells[6:11] == ["The next number", "contestant", "Python 3", "12 ms", "9.1 MB"]
    assert not [link for link in page.all("a") if link["href"].startswith("/submissions/0")]


def test_only_those_one_may_open_are_links(
    problem: Problem, author: User, contestant: User, signed_in: SignedIn
) -> None:
    mine, other = make_submission(problem, contestant), make_submission(problem, None, session="elsewhere")
    page = Page.of(signed_in(contestant).get("/submissions/"))
    assert page.all("a", href=f"/submissions/{mine.pk}/")
    assert not page.all("a", href=f"/submissions/{other.pk}/")
    assert "anonymous" in page.text
    page = Page.of(signed_in(author).get("/submissions/"))
    assert page.all("a", href=f"/submissions/{mine.pk}/")


def test_submissions_to_private_problems_are_listed_for_those_concerned(
    author: User, contestant: User, stranger: User, signed_in: SignedIn
) -> None:
    make_submission(make_problem(author, is_public=False), contestant)
    for user, count in [(author, 1), (contestant, 1), (stranger, 0)]:
        assert len(results(Page.of(signed_in(user).get("/submissions/")))) == count
    assert "The next number" not in Client().get("/submissions/").content.decode()


def test_neither_runs_nor_jury_submissions_are_listed(problem: Problem, contestant: User) -> None:
    make_submission(None, contestant)
    make_submission(problem, contestant, kind="jury")
    page = Page.of(Client().get("/submissions/"))
    assert results(page) == []
    assert "Nobody has submitted anything yet." in page.text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("?problem=next-number", 3),
        ("?problem=nothing", 0),
        ("?user=contestant", 3),
        ("?user=stranger&problem=other", 1),
        ("?verdict=AC", 1),
        ("?verdict=queued", 2),
        ("?verdict=failed&user=contestant", 1),
        ("?verdict=nonsense", 0),
        ("?user=%00contestant", 3),
        ("?problem=%27%22%3E%3Cscript%3E", 0),
        ("?user=" + "x" * 3000, 0),
    ],
)
def test_they_are_filtered(
    query: str, count: int, problem: Problem, author: User, contestant: User, stranger: User
) -> None:
    make_submission(problem, contestant, state=State.COMPLETED, verdict=Verdict.AC)
    make_submission(problem, contestant, state=State.FAILED, failure="gone")
    make_submission(problem, contestant)
    make_submission(make_problem(author, "other"), stranger)
    page = Page.of(Client().get(f"/submissions/{query}"))
    assert len(results(page)) == count
    assert all(script.get("src") for script in page.all("script"))


def test_a_filter_stays_in_the_form_and_in_the_links(
    problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    monkeypatch.setattr(listing.page_from, "__defaults__", (1,))
    for _ in range(2):
        make_submission(problem, contestant)
    page = Page.of(Client().get("/submissions/?user=contestant&verdict=queued"))
    assert page.one("input", name="user")["value"] == "contestant"
    assert page.one("option", selected="").text == "Queued"
    assert page.one("a", rel="next")["href"].startswith("?user=contestant&verdict=queued&after=")


def test_pages_hold_every_submission_once_while_new_ones_come_in(problem: Problem, contestant: User) -> None:
    """Also where many were sent at the same moment."""
    made = [make_submission(problem, contestant) for _ in range(7)]
    Submission.objects.filter(pk__in=[submission.pk for submission in made[:5]]).update(created=timezone.now())
    seen: list[Submission] = []
    place, more = None, True
    while more:
        page, place = listing.page_from(place, Submission.objects.all(), size=2)
        seen += page
        more = place is not None
        make_submission(problem, contestant, language="python3")
    assert {submission.pk for submission in seen} == {submission.pk for submission in made}
    assert len(seen) == len(made)


def test_a_place_survives_the_way_through_an_address(problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant)
    place = listing.Place(submission.created, submission.pk)
    assert listing.Place.read(str(place)) == place


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "~",
        "2026-11-24T00:00:00+00:00",
        "2026-11-24T00:00:00+00:00~x",
        "2026-11-24~01a20bcb-2ee4-722c-8ada-49994ad6dbc2",
        "0001-01-01T00:00:00+14:00~01a20bcb-2ee4-722c-8ada-49994ad6dbc2",
        "9999-12-31T23:59:59-14:00~01a20bcb-2ee4-722c-8ada-49994ad6dbc2",
        "%00",
    ],
)
def test_a_made_up_place_is_no_error(after: str, problem: Problem, contestant: User) -> None:
    make_submission(problem, contestant)
    assert Client().get("/submissions/", {"after": after}).status_code == 200


def test_older_pages_say_when_they_are_empty(problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant)
    place = listing.Place(submission.created - timedelta(days=1), submission.pk)
    page = Page.of(Client().get("/submissions/", {"after": str(place)}))
    assert "There are no older ones." in page.text
    assert page.one("nav", aria_label="Pages").text == "Newest"


def test_a_list_costs_few_queries(
    problem: Problem, contestant: User, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for _ in range(5):
        make_submission(problem, contestant)
    with django_assert_max_num_queries(1):  # type: ignore[attr-defined]
        Client().get("/submissions/")


def test_ones_own_can_be_chosen_for_comparing(
    problem: Problem, contestant: User, author: User, signed_in: SignedIn
) -> None:
    mine = [make_submission(problem, contestant) for _ in range(2)]
    make_submission(problem, author)
    page = Page.of(signed_in(contestant).get("/submissions/"))
    boxes = page.all("input", name="of", form="compare")
    assert {box["value"] for box in boxes} == {str(submission.pk) for submission in mine}
    assert page.one("form", id="compare")["action"] == "/submissions/compare/"
    assert not Page.of(Client().get("/submissions/")).all("form", id="compare")


def test_one_whose_judgement_is_gone_is_listed_and_shown_all_the_same(
    problem: Problem, contestant: User, signed_in: SignedIn
) -> None:
    submission = make_submission(problem, contestant)
    submission.judgements.all().delete()
    browser = signed_in(contestant)
    for path in ("/submissions/", f"/submissions/{submission.pk}/"):
        assert browser.get(path).status_code == 200
