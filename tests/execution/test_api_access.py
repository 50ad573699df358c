"""Who may do and see what through the API.

Design: the table of who sees what, cell by cell, as far as it concerns submissions.
"""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from knox.models import get_token_model

from accounts.models import User
from execution.models import Judgement
from execution.states import State
from problems.models import Problem
from tests.execution.asking import SUBMIT, assert_error, post
from tests.factories import make_problem, make_submission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]


def test_a_token_will_do(client: Client, contestant: User) -> None:
    _, token = get_token_model().objects.create(user=contestant)
    assert post(client, SUBMIT, authorization=f"Token {token}").status_code == 202


def test_a_session_needs_its_csrf_token(contestant: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(contestant)
    assert_error(post(client, SUBMIT), 403)


def test_nobody_is_refused(client: Client) -> None:
    assert_error(post(client, SUBMIT), 401)
    assert_error(post(client, SUBMIT, authorization="Token wrong"), 401)


@pytest.mark.parametrize("header", ["Token \xff\xfe", "Token", "Token a b", "Token " + "x" * 5000])
def test_a_token_that_can_be_none_is_401(client: Client, header: str) -> None:
    assert_error(client.get("/api/submissions/", HTTP_AUTHORIZATION=header), 401)


def test_anonymous_submissions_may_be_allowed(client: Client, settings: Any) -> None:
    settings.ALLOW_ANONYMOUS = True
    response = post(client, SUBMIT)
    assert response.status_code == 202
    assert client.get(response["Location"]).status_code == 200
    assert_error(Client().get(response["Location"]), 404)


def seen_by(cast: dict[str, Client], path: str) -> set[str]:
    answers = {name: client.get(path).status_code for name, client in cast.items()}
    assert set(answers.values()) <= {200, 404}
    return {name for name, code in answers.items() if code == 200}


@pytest.mark.parametrize("tail", ["", "source/"])
def test_a_submission_with_its_code(cast: dict[str, Client], problem: Problem, contestant: User, tail: str) -> None:
    path = f"/api/submissions/{make_submission(problem, contestant).pk}/{tail}"
    expected = {"contestant", "author", "staff"}
    assert seen_by(cast, path) == expected
    assert seen_by(cast, path) == expected  # from the cache


def test_the_answer_that_its_owner_cached_is_no_strangers(
    cast: dict[str, Client], problem: Problem, contestant: User
) -> None:
    path = f"/api/submissions/{make_submission(problem, contestant).pk}/"
    assert cast["contestant"].get(path).status_code == 200
    assert_error(cast["stranger"].get(path), 404)
    assert_error(cast["anonymous"].get(path), 404)


def test_a_runs_output(cast: dict[str, Client], contestant: User) -> None:
    path = f"/api/runs/{make_submission(None, contestant).pk}/"
    assert seen_by(cast, path) == {"contestant", "staff"}
    assert seen_by(cast, path) == {"contestant", "staff"}


def test_verdicts_on_public_problems_stand_in_lists(
    cast: dict[str, Client], problem: Problem, contestant: User
) -> None:
    make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
    for client in cast.values():
        [row] = client.get("/api/submissions/").json()["results"]
        assert (row["user"], row["problem"], row["verdict"]) == ("contestant", "next-number", "WA")
        assert not {"tests", "files", "code", "compileOutput"} & set(row)


def test_verdicts_on_private_problems_do_not(cast: dict[str, Client], author: User, contestant: User) -> None:
    make_submission(make_problem(author, "private", is_public=False), contestant)
    shown = {name for name, client in cast.items() if client.get("/api/submissions/").json()["results"]}
    assert shown == {"author", "contestant", "staff"}


def test_runs_and_jury_submissions_stand_in_no_list(
    cast: dict[str, Client], problem: Problem, contestant: User
) -> None:
    make_submission(None, contestant)
    make_submission(problem, None, kind="jury")
    assert not any(client.get("/api/submissions/").json()["results"] for client in cast.values())


def test_cancelling_is_for_the_sender_and_staff(cast: dict[str, Client], problem: Problem, contestant: User) -> None:
    for name, code in {"anonymous": 404, "stranger": 404, "author": 404, "contestant": 200, "staff": 200}.items():
        submission = make_submission(problem, contestant)
        assert cast[name].post(f"/api/submissions/{submission.pk}/cancel/").status_code == code, name
        cancelled = Judgement.objects.get(submission=submission).state == State.FAILED
        assert cancelled is (code == 200)


def test_a_run_is_cancelled_likewise(cast: dict[str, Client], contestant: User) -> None:
    run = make_submission(None, contestant)
    path = f"/api/runs/{run.pk}/cancel/"
    assert_error(cast["stranger"].post(path), 404)
    assert_error(cast["contestant"].post(f"/api/submissions/{run.pk}/cancel/"), 404)
    response = cast["contestant"].post(path)
    assert (response.status_code, response.json()["status"]) == (200, "failed")


def test_what_runs_can_not_be_cancelled(cast: dict[str, Client], problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant, state=State.RUNNING)
    assert_error(cast["contestant"].post(f"/api/submissions/{submission.pk}/cancel/"), 409)


def test_what_is_not_there_is_404(cast: dict[str, Client]) -> None:
    for client in cast.values():
        assert_error(client.get(f"/api/submissions/{uuid4()}/"), 404)
        assert_error(client.get(f"/api/runs/{uuid4()}/"), 404)
