"""The API of submissions and runs, as its clients see it."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import get_token_model

from accounts.models import User
from execution.languages import LANGUAGES
from execution.models import Judgement, Submission
from execution.states import State
from problems.models import Problem
from tests.execution.test_archives import zipped
from tests.factories import NEXT_NUMBER, make_problem, make_submission

pytestmark = pytest.mark.django_db

SUBMIT = {"problem": "next-number", "language": "python3", "code": NEXT_NUMBER}
FORM = {"problem": "next-number", "language": "python3"}
RUN = {"language": "python3", "code": NEXT_NUMBER, "input": "1\n"}


@pytest.fixture(autouse=True)
def _a_problem(problem: Problem) -> None:
    """There is one in every test."""


@pytest.fixture
def api(contestant: User, client: Client) -> Client:
    client.force_login(contestant)
    return client


def post(client: Client, body: Any, path: str = "/api/submissions/", **headers: str) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, content, content_type="application/json", headers=headers)


def uploaded(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("program.zip", content)


def assert_error(response: Any, status: int, field: str | None = None) -> None:
    """The one error shape."""
    assert response.status_code == status, response.content
    body = response.json()
    expected = {"message", "status", "timestamp", "path", "requestId"}
    assert set(body) == (expected | {"errors"} if field is not None else expected)
    assert (body["status"], body["path"]) == (status, response.wsgi_request.path)
    assert body["requestId"] == response["X-Request-ID"]
    assert body["message"]
    assert body["timestamp"].endswith("Z")
    if field is not None:
        assert list(body["errors"]) == [field]


class TestSubmitting:
    def test_it_answers_202_with_where_to_look(self, api: Client, contestant: User) -> None:
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

    def test_a_token_will_do(self, client: Client, contestant: User) -> None:
        _, token = get_token_model().objects.create(user=contestant)
        assert post(client, SUBMIT, authorization=f"Token {token}").status_code == 202

    def test_a_session_needs_its_csrf_token(self, contestant: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(contestant)
        assert_error(post(client, SUBMIT), 403)

    def test_nobody_is_refused(self, client: Client) -> None:
        assert_error(post(client, SUBMIT), 401)
        assert_error(post(client, SUBMIT, authorization="Token wrong"), 401)

    @pytest.mark.parametrize("header", ["Token \xff\xfe", "Token", "Token a b", "Token " + "x" * 5000])
    def test_a_token_that_can_be_none_is_401(self, client: Client, header: str) -> None:
        assert_error(client.get("/api/submissions/", HTTP_AUTHORIZATION=header), 401)

    def test_anonymous_submissions_may_be_allowed(self, client: Client, settings: Any) -> None:
        settings.ALLOW_ANONYMOUS = True
        response = post(client, SUBMIT)
        assert response.status_code == 202
        assert client.get(response["Location"]).status_code == 200
        assert_error(Client().get(response["Location"]), 404)

    def test_several_files_will_do(self, api: Client) -> None:
        files = [{"name": "main.py", "content": "import lib"}, {"name": "lib.py", "content": ""}]
        assert post(api, {"problem": "next-number", "language": "python3", "files": files}).status_code == 202
        assert Submission.objects.get().files == files

    def test_64_kib_are_accepted_and_no_byte_more(self, api: Client) -> None:
        assert post(api, SUBMIT | {"code": "#" * 65536}).status_code == 202
        assert_error(post(api, SUBMIT | {"code": "#" * 65537}), 400, "code")
        assert_error(post(api, SUBMIT | {"code": "ä" * 32769}), 400, "code")

    def test_white_space_is_kept(self, api: Client) -> None:
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
            (SUBMIT | {"code": 7}, None),
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
    def test_bad_input_is_named(self, api: Client, body: Any, field: str | None) -> None:
        if field is None:  # a number is as good as its digits
            assert post(api, body).status_code == 202
            return
        assert_error(post(api, json.dumps(body)), 400, field)
        assert not Submission.objects.exists()

    @pytest.mark.parametrize("name", ["../x.py", "a//b.py", ".hidden.py", "", "-c.py", "x\ny.py", "ü.py", "a" * 101])
    def test_bad_file_names_are_refused(self, api: Client, name: str) -> None:
        body = {"problem": "next-number", "language": "python3", "files": [{"name": name, "content": "1"}]}
        assert post(api, body).status_code == 400
        assert not Submission.objects.exists()

    def test_two_files_of_one_name_are_refused(self, api: Client) -> None:
        files = [{"name": "main.py", "content": "1"}] * 2
        assert_error(post(api, {"problem": "next-number", "language": "python3", "files": files}), 400, "files")

    def test_files_may_be_in_directories_which_are_no_files(self, api: Client) -> None:
        files = [{"name": "main.py", "content": "import a.b"}, {"name": "a/b.py", "content": "1"}]
        body = {"problem": "next-number", "language": "python3", "files": files}
        assert post(api, body).status_code == 202
        assert_error(post(api, body | {"files": [*files, {"name": "a", "content": "1"}]}), 400, "files")

    def test_a_zip_of_files_will_do(self, api: Client) -> None:
        content = zipped(("main.py", b"import a.b"), ("a/b.py", b"print(1)"))
        assert api.post("/api/submissions/", FORM | {"archive": uploaded(content)}).status_code == 202
        assert Submission.objects.get().files == [
            {"name": "main.py", "content": "import a.b"},
            {"name": "a/b.py", "content": "print(1)"},
        ]

    def test_a_zip_comes_with_a_token_too(self, client: Client, contestant: User) -> None:
        _, token = get_token_model().objects.create(user=contestant)
        body = FORM | {"archive": uploaded(zipped(("main.py", b"1")))}
        assert client.post("/api/submissions/", body, headers={"authorization": f"Token {token}"}).status_code == 202
        assert client.post("/api/submissions/", body).status_code == 401

    @pytest.mark.parametrize("archive", ["main.py", b"", b"print(1)", None])
    def test_a_form_without_a_zip_is_refused(self, api: Client, archive: str | bytes | None) -> None:
        given = {"archive": uploaded(archive) if isinstance(archive, bytes) else archive} if archive is not None else {}
        assert_error(api.post("/api/submissions/", FORM | {"code": "print(1)"} | given), 400, "archive")
        assert not Submission.objects.exists()

    def test_a_large_form_is_refused_unread(self, api: Client) -> None:
        assert_error(api.post("/api/submissions/", FORM | {"archive": uploaded(b"0" * 2_000_000)}), 413)

    @pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
    def test_what_is_no_form_is_refused(self, api: Client, kind: str) -> None:
        response = api.post("/api/submissions/", b"PK", content_type=kind)
        assert response.status_code == 400
        assert response.json()["requestId"]

    def test_a_run_takes_no_form(self, api: Client) -> None:
        assert_error(api.post("/api/runs/", {"language": "python3", "code": "1"}), 415)

    @pytest.mark.parametrize(
        "body",
        [b"{", b"\xff\xfe", b'{"code": "\xff"}', b"[" * 100_000, b'{"code": NaN}', b"1" * 5000, b""],
    )
    def test_what_is_no_json_is_refused(self, api: Client, body: bytes) -> None:
        assert_error(post(api, body), 400, None if body else "problem") if body else None
        assert post(api, body).status_code == 400

    def test_a_large_body_is_refused_unread(self, api: Client) -> None:
        assert_error(post(api, SUBMIT | {"code": "#" * 10_000_000}), 413)

    def test_another_format_is_refused(self, api: Client) -> None:
        assert_error(api.post("/api/submissions/", "problem=x", content_type="text/plain"), 415)

    def test_another_method_is_refused(self, api: Client) -> None:
        assert_error(api.delete("/api/submissions/"), 405)

    def test_another_answer_is_not_to_be_had(self, api: Client) -> None:
        assert_error(api.get("/api/languages/", headers={"accept": "application/xml"}), 406)

    def test_unknown_paths_have_the_shape_too(self, client: Client) -> None:
        for path in ("/api/", "/api/nothing", "/api/submissions/17/"):
            assert_error(client.get(path), 404)
            assert_error(client.post(path), 404)

    def test_a_private_problem_does_not_exist(self, api: Client, author: User) -> None:
        make_problem(author, "private", is_public=False)
        assert_error(post(api, SUBMIT | {"problem": "private"}), 400, "problem")
        api.force_login(author)
        assert post(api, SUBMIT | {"problem": "private"}).status_code == 202

    def test_a_problem_without_time_limit_takes_none(self, api: Client, author: User) -> None:
        problem = make_problem(author, "unmeasured")
        Problem.objects.filter(pk=problem.pk).update(version=None)
        api.force_login(author)
        assert_error(post(api, SUBMIT | {"problem": "unmeasured"}), 400, "problem")

    def test_a_problem_may_be_for_some_languages_only(self, api: Client, problem: Problem) -> None:
        assert problem.version
        problem.version.languages = ["cpp"]
        problem.version.save()
        assert_error(post(api, SUBMIT), 400, "language")

    def test_too_many_a_minute_are_told_when_to_come_back(self, api: Client, settings: Any) -> None:
        settings.SUBMISSIONS_PER_MINUTE = 3
        for _ in range(3):
            assert post(api, SUBMIT).status_code == 202
        response = post(api, SUBMIT)
        assert_error(response, 429)
        assert 1 <= int(response["Retry-After"]) <= 60

    def test_invalid_input_does_not_count_for_the_rate(self, api: Client, settings: Any) -> None:
        settings.SUBMISSIONS_PER_MINUTE = 1
        post(api, SUBMIT | {"code": ""})
        assert post(api, SUBMIT).status_code == 202

    def test_too_many_queued_are_refused_for_a_while(self, api: Client, settings: Any) -> None:
        settings.QUEUE_LIMIT_PER_USER = 1
        post(api, SUBMIT)
        response = post(api, SUBMIT)
        assert_error(response, 429)
        assert int(response["Retry-After"]) > 0

    def test_a_full_queue_is_503(self, api: Client, settings: Any) -> None:
        settings.QUEUE_LIMIT = 1
        post(api, SUBMIT)
        response = post(api, SUBMIT)
        assert_error(response, 503)
        assert int(response["Retry-After"]) > 0

    def test_a_runs_input_is_bounded(self, api: Client) -> None:
        assert post(api, RUN | {"input": "1" * 65536}, "/api/runs/").status_code == 202
        assert_error(post(api, RUN | {"input": "1" * 65537}, "/api/runs/"), 400, "input")
        assert_error(post(api, RUN | {"input": "\0"}, "/api/runs/"), 400, "input")


class TestPermissions:
    """Design: the table of who sees what, cell by cell, as far as it concerns submissions."""

    @pytest.fixture
    def cast(self, author: User, contestant: User, stranger: User, staff: User) -> dict[str, Client]:
        clients = {"anonymous": Client()}
        for user in (author, contestant, stranger, staff):
            clients[user.username] = Client()
            clients[user.username].force_login(user)
        return clients

    def seen_by(self, cast: dict[str, Client], path: str) -> set[str]:
        answers = {name: client.get(path).status_code for name, client in cast.items()}
        assert set(answers.values()) <= {200, 404}
        return {name for name, code in answers.items() if code == 200}

    @pytest.mark.parametrize("tail", ["", "source/"])
    def test_a_submission_with_its_code(
        self, cast: dict[str, Client], problem: Problem, contestant: User, tail: str
    ) -> None:
        path = f"/api/submissions/{make_submission(problem, contestant).pk}/{tail}"
        expected = {"contestant", "author", "staff"}
        assert self.seen_by(cast, path) == expected
        assert self.seen_by(cast, path) == expected  # from the cache

    def test_the_answer_that_its_owner_cached_is_no_strangers(
        self, cast: dict[str, Client], problem: Problem, contestant: User
    ) -> None:
        path = f"/api/submissions/{make_submission(problem, contestant).pk}/"
        assert cast["contestant"].get(path).status_code == 200
        assert_error(cast["stranger"].get(path), 404)
        assert_error(cast["anonymous"].get(path), 404)

    def test_a_runs_output(self, cast: dict[str, Client], contestant: User) -> None:
        path = f"/api/runs/{make_submission(None, contestant).pk}/"
        assert self.seen_by(cast, path) == {"contestant", "staff"}
        assert self.seen_by(cast, path) == {"contestant", "staff"}

    def test_verdicts_on_public_problems_stand_in_lists(
        self, cast: dict[str, Client], problem: Problem, contestant: User
    ) -> None:
        make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
        for client in cast.values():
            [row] = client.get("/api/submissions/").json()["results"]
            assert (row["user"], row["problem"], row["verdict"]) == ("contestant", "next-number", "WA")
            assert not {"tests", "files", "code", "compileOutput"} & set(row)

    def test_verdicts_on_private_problems_do_not(self, cast: dict[str, Client], author: User, contestant: User) -> None:
        make_submission(make_problem(author, "private", is_public=False), contestant)
        shown = {name for name, client in cast.items() if client.get("/api/submissions/").json()["results"]}
        assert shown == {"author", "contestant", "staff"}

    def test_runs_and_jury_submissions_stand_in_no_list(
        self, cast: dict[str, Client], problem: Problem, contestant: User
    ) -> None:
        make_submission(None, contestant)
        make_submission(problem, None, kind="jury")
        assert not any(client.get("/api/submissions/").json()["results"] for client in cast.values())

    def test_cancelling_is_for_the_sender_and_staff(
        self, cast: dict[str, Client], problem: Problem, contestant: User
    ) -> None:
        for name, code in {"anonymous": 404, "stranger": 404, "author": 404, "contestant": 200, "staff": 200}.items():
            submission = make_submission(problem, contestant)
            assert cast[name].post(f"/api/submissions/{submission.pk}/cancel/").status_code == code, name
            cancelled = Judgement.objects.get(submission=submission).state == State.FAILED
            assert cancelled is (code == 200)

    @pytest.mark.parametrize("path", ["/api/runs/{}/cancel/", "/api/submissions/{}/cancel/"])
    def test_a_run_is_cancelled_likewise(self, cast: dict[str, Client], contestant: User, path: str) -> None:
        run = make_submission(None, contestant)
        assert_error(cast["stranger"].post(path.format(run.pk)), 404)
        response = cast["contestant"].post(path.format(run.pk))
        assert (response.status_code, response.json()["status"]) == (200, "failed")

    def test_what_runs_can_not_be_cancelled(self, cast: dict[str, Client], problem: Problem, contestant: User) -> None:
        submission = make_submission(problem, contestant, state=State.RUNNING)
        assert_error(cast["contestant"].post(f"/api/submissions/{submission.pk}/cancel/"), 409)

    def test_what_is_not_there_is_404(self, cast: dict[str, Client]) -> None:
        for client in cast.values():
            assert_error(client.get(f"/api/submissions/{uuid4()}/"), 404)
            assert_error(client.get(f"/api/runs/{uuid4()}/"), 404)


class TestLists:
    def test_they_are_paged_and_stay_put(self, client: Client, problem: Problem, contestant: User) -> None:
        made = [make_submission(problem, contestant) for _ in range(60)]
        first = client.get("/api/submissions/").json()
        make_submission(problem, contestant)
        second = client.get(first["next"]).json()
        ids = [row["id"] for page in (first, second) for row in page["results"]]
        assert ids == [str(submission.pk) for submission in reversed(made)]

    def test_they_are_filtered(self, client: Client, problem: Problem, contestant: User, author: User) -> None:
        make_submission(problem, contestant, state=State.COMPLETED, verdict="AC")
        make_submission(make_problem(author, "other"), author)
        for query in ("problem=other", "user=author", "status=queued"):
            [row] = client.get(f"/api/submissions/?{query}").json()["results"]
            assert row["user"] == "author"
        [row] = client.get("/api/submissions/?verdict=AC").json()["results"]
        assert row["user"] == "contestant"
        assert client.get("/api/submissions/?user=nobody").json()["results"] == []

    @pytest.mark.parametrize("query", ["status=great", "verdict=OK"])
    def test_a_filter_that_is_none_is_refused(self, client: Client, query: str) -> None:
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
    def test_a_made_up_cursor_is_404(self, client: Client, cursor: str) -> None:
        encoded = base64.b64encode(cursor.encode("latin-1")).decode()
        assert_error(client.get("/api/submissions/", {"cursor": encoded}), 404)

    def test_they_take_as_many_queries_for_many_as_for_one(
        self, client: Client, problem: Problem, contestant: User, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(20):
            make_submission(problem, contestant)
        with django_assert_max_num_queries(1):
            client.get("/api/submissions/")

    def test_languages_are_listed(self, client: Client) -> None:
        assert [language["id"] for language in client.get("/api/languages/").json()] == list(LANGUAGES)
