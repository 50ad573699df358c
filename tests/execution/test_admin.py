"""What the admin's pages ask of the database: as much for many rows as for few, and nothing that they don't show."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from execution.models import Submission
from execution.states import State
from problems.models import Problem
from tests.factories import make_judgement, make_problem, make_submission

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
    assert Submission.objects.get().files[0]["content"].strip() in response.content.decode()
