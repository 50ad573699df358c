"""What the API takes as a program, and what it says of others."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from execution.models import Submission
from problems.models import Problem
from tests.execution.asking import RUN, SUBMIT, assert_error, post
from tests.factories import NEXT_NUMBER, make_problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]


def test_it_answers_202_with_where_to_look(api: Client, contestant: User) -> None:
    response = post(api, SUBMIT)
    submission = Submission.objects.get()
    assert response.status_code == 202
    assert response.json() == {
        "id": str(submission.pk),
        "status": "queued",
        "url": f"/api/submissions/{submission.pk}/",
    }
    assert response["Location"] == f"/api/submissions/{submission.pk}/"
    assert submission.owner == contestant
    assert submission.files == [{"name": "main.py", "content": NEXT_NUMBER}]


def test_several_files_will_do(api: Client) -> None:
    files = [{"name": "main.py", "content": "import lib"}, {"name": "lib.py", "content": ""}]
    assert post(api, {"problem": "next-number", "language": "python3", "files": files}).status_code == 202
    assert Submission.objects.get().files == files


def test_64_kib_are_accepted_and_no_byte_more(api: Client) -> None:
    assert post(api, SUBMIT | {"code": "#" * 65536}).status_code == 202
    assert_error(post(api, SUBMIT | {"code": "#" * 65537}), 400, "code")
    assert_error(post(api, SUBMIT | {"code": "ä" * 32769}), 400, "code")


def test_white_space_is_kept(api: Client) -> None:
    code = "\n  \nif 1:\n\tprint(1)\n\n"
    post(api, SUBMIT | {"code": code})
    assert Submission.objects.get().files[0]["content"] == code


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (SUBMIT | {"code": "print(1)\0"}, "code"),
        (SUBMIT | {"code": "\ud800"}, "code"),
        (SUBMIT | {"code": ""}, "code"),
        (SUBMIT | {"code": "  \n"}, "code"),
        (SUBMIT | {"code": 7}, "code"),
        (SUBMIT | {"code": ["a"]}, "code"),
        (SUBMIT | {"language": "cobol"}, "language"),
        (SUBMIT | {"problem": "no-such"}, "problem"),
        (SUBMIT | {"problem": "x\0y"}, "problem"),
        (SUBMIT | {"files": []}, "code"),
        ({"problem": "next-number", "language": "python3"}, "code"),
        ({"language": "python3", "code": "1"}, "problem"),
        ({"problem": "next-number", "code": "1"}, "language"),
        ({"problem": "next-number", "language": "python3", "files": []}, "files"),
        ({"problem": "next-number", "language": "python3", "files": "main.py"}, "files"),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_bad_input_is_named(api: Client, body: Any, field: str) -> None:
    assert_error(post(api, json.dumps(body)), 400, field)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("name", ["../x.py", "a//b.py", ".hidden.py", "", "-c.py", "x\ny.py", "ü.py", "a" * 101])
def test_bad_file_names_are_refused(api: Client, name: str) -> None:
    body = {"problem": "next-number", "language": "python3", "files": [{"name": name, "content": "1"}]}
    assert post(api, body).status_code == 400
    assert not Submission.objects.exists()


def test_two_files_of_one_name_are_refused(api: Client) -> None:
    files = [{"name": "main.py", "content": "1"}] * 2
    assert_error(post(api, {"problem": "next-number", "language": "python3", "files": files}), 400, "files")


def test_files_may_be_in_directories_which_are_no_files(api: Client) -> None:
    files = [{"name": "main.py", "content": "import a.b"}, {"name": "a/b.py", "content": "1"}]
    body = {"problem": "next-number", "language": "python3", "files": files}
    assert post(api, body).status_code == 202
    assert_error(post(api, body | {"files": [*files, {"name": "a", "content": "1"}]}), 400, "files")


def test_a_private_problem_does_not_exist(api: Client, author: User) -> None:
    make_problem(author, "private", is_public=False)
    assert_error(post(api, SUBMIT | {"problem": "private"}), 400, "problem")
    api.force_login(author)
    assert post(api, SUBMIT | {"problem": "private"}).status_code == 202


def test_a_problem_without_time_limit_takes_none(api: Client, author: User) -> None:
    problem = make_problem(author, "unmeasured")
    Problem.objects.filter(pk=problem.pk).update(version=None)
    api.force_login(author)
    assert_error(post(api, SUBMIT | {"problem": "unmeasured"}), 400, "problem")


def test_a_problem_may_be_for_some_languages_only(api: Client, problem: Problem) -> None:
    assert problem.version
    problem.version.languages = ["cpp"]
    problem.version.save()
    assert_error(post(api, SUBMIT), 400, "language")


def test_a_runs_input_is_bounded(api: Client) -> None:
    assert post(api, RUN | {"input": "1" * 65536}, "/api/runs/").status_code == 202
    assert_error(post(api, RUN | {"input": "1" * 65537}, "/api/runs/"), 400, "input")
    assert_error(post(api, RUN | {"input": "\0"}, "/api/runs/"), 400, "input")
