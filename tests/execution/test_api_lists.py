"""Lists of submissions and languages in the API."""

import base64
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from execution.languages import LANGUAGES
from execution.states import State
from problems.models import Problem
from tests.execution.asking import assert_error
from tests.factories import make_problem, make_submission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]


def test_they_are_paged_and_stay_put(client: Client, problem: Problem, contestant: User) -> None:
    made = [make_submission(problem, contestant) for _ in range(60)]
    first = client.get("/api/submissions/").json()
    make_submission(problem, contestant)
    second = client.get(first["next"]).json()
    ids = [row["id"] for page in (first, second) for row in page["results"]]
    assert ids == [str(submission.pk) for submission in reversed(made)]


def test_they_are_filtered(client: Client, problem: Problem, contestant: User, author: User) -> None:
    make_submission(problem, contestant, state=State.COMPLETED, verdict="AC")
    make_submission(make_problem(author, "other"), author)
    for query in ("problem=other", "user=author", "status=queued"):
        [row] = client.get(f"/api/submissions/?{query}").json()["results"]
        assert row["user"] == "author"
    [row] = client.get("/api/submissions/?verdict=AC").json()["results"]
    assert row["user"] == "contestant"
    assert client.get("/api/submissions/?user=nobody").json()["results"] == []


@pytest.mark.parametrize("query", ["status=great", "verdict=OK"])
def test_a_filter_that_is_none_is_refused(client: Client, query: str) -> None:
    assert_error(client.get(f"/api/submissions/?{query}"), 400, query.split("=", maxsplit=1)[0])


@pytest.mark.parametrize(
    "cursor",
    [
        "p=yesterday",
        "p=2026-13-45",
        "p=0001-01-01T00:00:00%2B23:59",
        "p=9999-12-31T23:59:59-23:59",
        "o=-1",
        "r=x",
        "p=\0",
        "\xff",
    ],
)
def test_a_made_up_cursor_is_404(client: Client, cursor: str) -> None:
    encoded = base64.b64encode(cursor.encode("latin-1")).decode()
    assert_error(client.get("/api/submissions/", {"cursor": encoded}), 404)


def test_they_take_as_many_queries_for_many_as_for_one(
    client: Client, problem: Problem, contestant: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        make_submission(problem, contestant)
    with django_assert_max_num_queries(1):
        client.get("/api/submissions/")


def test_languages_are_listed(client: Client) -> None:
    assert [language["id"] for language in client.get("/api/languages/").json()] == list(LANGUAGES)
