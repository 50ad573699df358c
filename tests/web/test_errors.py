"""The one error shape, and the page that says the same."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.db.utils import DatabaseErrorWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rest_framework.exceptions import ErrorDetail

from accounts.models import User
from judge.web import errors
from judge.web.request_id import RequestIdFilter

SHAPE = {"message", "status", "timestamp", "path", "requestId"}


@pytest.mark.parametrize(
    ("detail", "flat"),
    [
        ({"a": ["x"]}, {"a": ["x"]}),
        ({"a": {"b": ["x"]}}, {"a.b": ["x"]}),
        ({"files": [{}, {"name": ["x", "y"]}]}, {"files.1.name": ["x", "y"]}),
        ({"files": {"non_field_errors": ["x"]}}, {"files": ["x"]}),
        ({"non_field_errors": ["x"]}, {"": ["x"]}),
        ([ErrorDetail("x")], {"": ["x"]}),
    ],
)
def test_nested_details_become_one_flat_map(detail: Any, flat: dict[str, list[str]]) -> None:
    assert errors._field_errors(detail) == flat


@pytest.mark.parametrize(
    ("view", "code"),
    [(errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404), (errors.csrf_failure, 403)],
)
@pytest.mark.parametrize("path", ["/api/x/", "/page/"])
def test_json_under_api_and_a_page_elsewhere(rf: RequestFactory, view: Any, code: int, path: str) -> None:
    response = view(_with_user(rf.get(path, headers={"accept": "text/html"})))
    assert response.status_code == code
    if path.startswith("/api/"):
        assert set(json.loads(response.content)) == SHAPE
    else:
        assert b"<html" in response.content


@pytest.mark.django_db
def test_who_asks_for_json_gets_it(client: Client) -> None:
    response = client.get("/no-such-page", headers={"accept": "application/json"})
    assert set(response.json()) == SHAPE


@pytest.mark.django_db
def test_an_error_page_shows_the_request_id(client: Client) -> None:
    response = client.get("/no-such-page", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert response["X-Request-ID"].encode() in response.content


@pytest.mark.django_db
def test_a_fault_of_ours_is_500_in_the_shape(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> HttpResponse:
        raise RuntimeError("the database password is hunter2")

    monkeypatch.setattr("execution.api.LanguageListView.get", fails)
    client.raise_request_exception = False
    response = client.get("/api/languages/")
    assert response.status_code == 500
    assert set(response.json()) == SHAPE
    assert b"hunter2" not in response.content


@pytest.mark.django_db
def test_without_a_database_the_answer_still_says_what_to_ask_about(
    client: Client, contestant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OperationalError("the database password is hunter2")

    client.force_login(contestant)
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fails)
    for path in ("/submissions/", "/api/submissions/"):
        response = client.get(path)
        assert response.status_code == 500
        assert response["X-Request-ID"].encode() in response.content
        assert b"hunter2" not in response.content


def locked() -> None:
    with TemporaryDirectory() as directory:
        one, other = (sqlite3.connect(f"{directory}/db", timeout=0) for _ in range(2))
        with closing(one), closing(other):
            one.execute("BEGIN IMMEDIATE")
            other.execute("BEGIN IMMEDIATE")


def gone() -> None:
    sqlite3.connect("/nowhere/db")


def no_such_table() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("SELECT 1 FROM nothing")


def unreachable() -> None:
    psycopg.connect("host=/nowhere")


def raising(error: Exception) -> Callable[[], None]:
    def fails() -> None:
        raise error

    return fails


PASSING = [
    locked,
    gone,
    unreachable,
    raising(psycopg.OperationalError("the connection is lost")),
    raising(psycopg.InterfaceError("the connection is closed")),
    raising(psycopg.errors.AdminShutdown()),
    raising(psycopg.errors.TooManyConnections()),
]
OURS = [
    no_such_table,
    raising(psycopg.errors.QueryCanceled()),
    raising(psycopg.errors.DeadlockDetected()),
    raising(psycopg.errors.UniqueViolation()),
    raising(RuntimeError("a bug")),
]


@pytest.mark.django_db
@pytest.mark.parametrize("fails", PASSING + OURS)
def test_a_database_that_is_away_is_no_fault_of_the_request(
    client: Client, contestant: User, monkeypatch: pytest.MonkeyPatch, fails: Callable[[], None]
) -> None:
    def ask(*_: object) -> None:
        with DatabaseErrorWrapper(FakeDriver()):
            fails()

    client.force_login(contestant)
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", ask)
    answer, page = client.get("/api/submissions/"), client.get("/submissions/", headers={"accept": "text/html"})
    code = 503 if fails in PASSING else 500
    assert (answer.status_code, page.status_code) == (code, code)
    assert set(answer.json()) == SHAPE
    assert page["X-Request-ID"].encode() in page.content
    for response in (answer, page):
        assert response.get("Retry-After") == ("5" if code == 503 else None)


class FakeDriver:
    """Names each driver's errors as Django knows them."""

    class Database:
        DataError = psycopg.DataError
        OperationalError = (psycopg.OperationalError, sqlite3.OperationalError)
        IntegrityError = psycopg.IntegrityError
        InternalError = psycopg.InternalError
        ProgrammingError = psycopg.ProgrammingError
        NotSupportedError = psycopg.NotSupportedError
        InterfaceError = psycopg.InterfaceError
        DatabaseError = psycopg.DatabaseError
        Error = psycopg.Error


class TestRequestId:
    @pytest.mark.parametrize("offered", ["abc-123", "A.b_c", "x" * 64])
    def test_a_good_one_is_kept(self, client: Client, offered: str) -> None:
        assert client.get("/livez", headers={"x-request-id": offered})["X-Request-ID"] == offered

    @pytest.mark.parametrize("offered", ["", "a b", "x" * 65, "<script>", "a\tb", "ü"])
    def test_a_bad_one_is_replaced(self, client: Client, offered: str) -> None:
        assert client.get("/livez", headers={"x-request-id": offered})["X-Request-ID"] != offered


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["login", "signup", "logout"])
def test_a_next_that_is_no_address_is_refused(client: Client, page: str) -> None:
    assert client.get(f"/accounts/{page}/", {"next": "http://["}).status_code == 400
    assert client.post(f"/accounts/{page}/", {"next": "http://["}).status_code == 400
    assert client.get(f"/accounts/{page}/", {"next": "/problems/"}).status_code in {200, 302}


@pytest.mark.parametrize("method", ["options", "post"])
def test_the_page_of_the_api_is_for_reading(client: Client, method: str) -> None:
    assert getattr(client, method)("/api/docs/").status_code == 405


def test_what_django_logs_of_a_refusal_bears_the_requests_id(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    response = client.get("/api/nothing", headers={"x-request-id": "abc-7"})
    assert response.status_code == 404
    assert {vars(record)["request_id"] for record in caplog.records if record.name == "django.request"} == {"abc-7"}


@pytest.mark.django_db
def test_only_staff_may_send_more_than_a_megabyte_of_files(client: Client, contestant: User, staff: User) -> None:
    def post(path: str) -> int:
        return client.post(path, {"file": BytesIO(b"x" * (2 << 20))}).status_code

    assert post("/accounts/login/") == 413
    client.force_login(contestant)
    assert post("/admin/problems/problem/") == 413
    client.force_login(staff)
    assert post("/accounts/login/") == 413
    assert post("/admin/problems/problem/") != 413


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["-1", "abc", "1048577", "99999999999999999999"])
def test_a_body_that_is_too_large_or_of_no_size_is_refused(client: Client, length: str) -> None:
    response = client.generic("POST", "/api/submissions/", b"{}", "application/json", CONTENT_LENGTH=length)
    assert response.status_code == 413
    assert set(response.json()) == SHAPE


def test_the_policy_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/livez")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_the_policy_follows_the_cdn(settings: Any, client: Client) -> None:
    settings.CDN_URL = "https://cdn.example.org/v1"
    policy = client.get("/livez")["Content-Security-Policy"]
    for source in ("script-src", "style-src", "font-src", "img-src"):
        assert f"{source} 'self' https://cdn.example.org" in policy
    assert "connect-src 'self';" in policy


def _with_user(request: HttpRequest) -> HttpRequest:

    request.user = AnonymousUser()
    return request


@pytest.mark.django_db
def test_a_body_in_chunks_is_refused_and_not_taken_for_none(client: Client) -> None:
    body = client.generic("POST", "/api/submissions/", b"", "application/json", HTTP_TRANSFER_ENCODING="chunked")
    assert (body.status_code, set(body.json())) == (411, SHAPE)
