"""The permission table's cells about samples and secret tests."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from problems.models import Problem
from tests.factories import make_problem

pytestmark = pytest.mark.django_db

EVERYBODY = [None, "contestant", "author", "staff"]


@pytest.fixture
def reads(client: Client, request: pytest.FixtureRequest, contestant: User, author: User, staff: User) -> Any:
    """Which readers get the file."""

    def answered(path: str) -> set[str | None]:
        got = set()
        for reader in EVERYBODY:
            client.logout()
            if reader:
                client.force_login(request.getfixturevalue(reader))
            response = client.get(path)
            assert response.status_code in {200, 404}
            if response.status_code == 200:
                got.add(reader)
                response.getvalue()  # which closes the file
        return got

    return answered


@pytest.mark.parametrize("kind", ["in", "ans"])
def test_samples_are_everybodys_and_secret_tests_the_setters(problem: Problem, reads: Any, kind: str) -> None:
    assert reads(f"/problems/next-number/tests/1.{kind}") == set(EVERYBODY)
    assert reads(f"/problems/next-number/tests/2.{kind}") == {"author", "staff"}


@pytest.mark.parametrize("number", [1, 2])
def test_those_of_a_private_problem_are_its_setters(author: User, reads: Any, number: int) -> None:
    make_problem(author, "private", is_public=False)
    assert reads(f"/problems/private/tests/{number}.in") == {"author", "staff"}


@pytest.mark.parametrize("path", ["9.in", "1.py", "0.ans", "1.in/..", "99999999999999999999.in"])
def test_nothing_else_is_there(problem: Problem, staff: User, client: Client, path: str) -> None:
    client.force_login(staff)
    assert client.get(f"/problems/next-number/tests/{path}").status_code == 404


def test_what_it_serves_is_saved_and_not_kept(problem: Problem, client: Client) -> None:
    response = client.get("/problems/next-number/tests/1.in")
    assert response.getvalue() == b"1\n"
    assert response["Content-Disposition"] == 'attachment; filename="next-number-1.in"'
    assert "no-store" in response["Cache-Control"]
