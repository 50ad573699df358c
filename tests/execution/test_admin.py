"""What the admin's pages ask of the database: as much for many rows as for few, and nothing that they don't show."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from execution.models import Rejudging, Submission
from execution.states import State
from problems.models import Problem
from tests.factories import make_judgement, make_problem, make_submission, make_version
from tests.pages.reading import Page

pytestmark = pytest.mark.django_db

UNSHOWN = ("files", "input", "result", "statements_json", "test_cases_json", "jury_json", "assets_json")
LISTS = ["problems/problem", "execution/submission", "execution/judgement", "accounts/user"]


def queries_of(browser: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


def add(count: int, first: int) -> None:
    for number in range(first, first + count):
        user = User.objects.create_user(f"user{number}")
        make_submission(make_problem(user, f"problem{number}"), user, state=State.COMPLETED)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_however_long_it_is(admin_client: Client, name: str) -> None:
    path = f"/admin/{name}/"
    add(2, first=0)
    few = queries_of(admin_client, path)
    add(30, first=2)
    many = queries_of(admin_client, path)
    assert len(few) == len(many) <= 9
    assert [column for column in UNSHOWN if f'"{column}"' in "".join(many)] == []


def test_a_submission_with_many_judgements_is_one_page(
    admin_client: Client, problem: Problem, contestant: User, django_assert_max_num_queries: Any
) -> None:
    submission = make_submission(problem, contestant, state=State.COMPLETED)
    for _ in range(10):
        make_judgement(submission, state=State.COMPLETED)
    with django_assert_max_num_queries(12):
        response = admin_client.get(f"/admin/execution/submission/{submission.pk}/change/")
    assert response.status_code == 200


def test_a_program_is_shown_as_it_was_written_and_can_not_be_changed(admin_client: Client, problem: Problem) -> None:
    written = "for i in range(3):\n    print(i < 2, '<script>')\n"
    submission = make_submission(problem, None, files=[{"name": "main.py", "content": written}])
    path = f"/admin/execution/submission/{submission.pk}/change/"
    page = Page.of(admin_client.get(path))
    [shown] = ["".join(element.pieces) for element in page.all("code")]
    assert shown == written
    assert "[{" not in page.text
    assert page.one("a", **{"class": "viewsitelink"})["href"] == f"/submissions/{submission.pk}/"
    assert admin_client.post(path, {"language": "c"}).status_code == 403
    assert Submission.objects.get().files[0]["content"] == written


def test_a_runs_input_and_a_judgements_outcome_are_shown(admin_client: Client) -> None:
    run = make_submission(None, None, input="1\n2\n", result={"tests": [{"verdict": "AC"}]})
    page = Page.of(admin_client.get(f"/admin/execution/submission/{run.pk}/change/"))
    assert ["".join(element.pieces) for element in page.all("pre")][-1] == "1\n2\n"
    assert not page.all("a", **{"class": "viewsitelink"})
    assert run.current
    page = Page.of(admin_client.get(f"/admin/execution/judgement/{run.current.pk}/change/"))
    assert '"verdict": "AC"' in page.one("pre").text


def test_a_problem_with_many_versions_loads_little_of_each(admin_client: Client, problem: Problem) -> None:
    path = f"/admin/problems/problem/{problem.pk}/change/"
    admin_client.get(path)  # what is asked once in a process
    few = queries_of(admin_client, path)
    for number in range(2, 12):
        make_version(problem, number)
    many = queries_of(admin_client, path)
    assert len(few) == len(many) <= 9
    versions = next(query for query in many if "ORDER BY" in query and "number" in query)
    assert [column for column in UNSHOWN if f'"{column}"' in versions] == ["jury_json"]
    assert "Managing The next number" in admin_client.get(f"/authors/problems/{problem.slug}/").content.decode()


def test_only_owners_are_offered_to_filter_by(admin_client: Client, problem: Problem, stranger: User) -> None:
    make_problem(stranger, "theirs")
    User.objects.create_user("somebody-else")
    shown = admin_client.get("/admin/problems/problem/").content.decode()
    assert "stranger" in shown
    assert "somebody-else" not in shown


@pytest.mark.parametrize("words", ["next-n", "contestant", "id", "plain id"])
def test_submissions_are_found(
    admin_client: Client, problem: Problem, contestant: User, stranger: User, words: str
) -> None:
    sought = make_submission(problem, contestant)
    other = make_submission(make_problem(stranger, "other"), stranger)
    words = {"id": str(sought.pk), "plain id": sought.pk.hex}.get(words, words)
    shown = admin_client.get("/admin/execution/submission/", {"q": words}).content.decode()
    assert str(sought.pk) in shown
    assert str(other.pk) not in shown


def test_the_chosen_are_rejudged_in_one_go(admin_client: Client, problem: Problem, contestant: User) -> None:
    chosen = [make_submission(problem, contestant, state=State.COMPLETED, verdict="WA") for _ in range(3)]
    make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
    ids = [str(submission.pk) for submission in chosen]
    response = admin_client.post("/admin/execution/submission/", {"action": "preview", "_selected_action": ids})
    row = Rejudging.objects.get()
    assert response["Location"] == row.get_absolute_url()
    assert row.is_preview
    assert row.rejudges.count() == 3
