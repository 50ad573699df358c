"""Requests that can't be read are refused in the shape, and are no error of ours in the log."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from accounts.models import User
from judge.web.malformed import Request
from problems.models import Problem

SHAPE = {"message", "status", "timestamp", "path", "requestId"}
FORM = "multipart/form-data; boundary=x"
PATHS = ["/api/submissions/", "/api/runs/", "/api/nothing/", "/accounts/login/", "/problems/next-number/", "/"]


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is logged as an error."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


@pytest.fixture
def visitor(db: None, quiet: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody whose requests are made as the server makes them."""
    monkeypatch.setattr("django.test.client.WSGIRequest", Request)
    return Client(raise_request_exception=False)


@pytest.fixture
def browser(visitor: Client, contestant: User, problem: Problem) -> Client:
    """Logged in."""
    visitor.force_login(contestant)
    return visitor


def part(header: bytes, value: bytes = b"1") -> bytes:
    return b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (header, value)


def assert_refused(response: Any, *statuses: int) -> None:
    """In the shape under /api/, with a page elsewhere."""
    assert response.status_code in statuses, response.content
    if response.wsgi_request.path.startswith("/api/"):
        assert set(response.json()) - {"errors"} == SHAPE
    else:
        assert response["X-Request-ID"].encode() in response.content


def test_the_server_makes_requests_so() -> None:
    assert import_string(settings.WSGI_APPLICATION).request_class is Request


@pytest.mark.parametrize("path", ["/api/submissions/", "/accounts/login/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", [FORM, "application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "idna", "utf-16", "nonsense", ""])
def test_a_charset_that_is_none_is_refused(visitor: Client, method: str, path: str, kind: str, charset: str) -> None:
    response = visitor.generic(method, path, b"a=1", f"{kind}; charset={charset}", QUERY_STRING="problem=%fc")
    assert_refused(response, 400)
    assert response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json; charset*=nonsense''x",
        "application/json; charset*=rot13''hex",
        "application/json; charset=utf-8\0",
        "application/json; charset*999=x; charset*" + "9" * 5000 + "=y",
        "multipart/form-data; boundary*=idna''x%ff",
    ],
)
def test_a_content_type_beyond_parsing_is_refused(visitor: Client, kind: str) -> None:
    for method in ("GET", "POST"):
        assert_refused(visitor.generic(method, "/api/languages/", b"{}", kind), 400)


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "us-ascii", "latin-1"])
def test_the_charsets_that_clients_name_are_taken(browser: Client, charset: str) -> None:
    body = b'{"problem": "next-number", "language": "python3", "code": "1"}'
    assert browser.generic("POST", "/api/submissions/", body, f"application/json; charset={charset}").status_code == 202


@pytest.mark.parametrize("kind", ["text/plain", "text/plain; charset=utf-8"])
def test_a_query_of_too_many_fields_is_refused(visitor: Client, kind: str) -> None:
    for path in ("/api/languages/", "/"):
        assert_refused(visitor.generic("GET", path, b"x", kind, QUERY_STRING="a=1&" * 1500), 400)


@pytest.mark.parametrize("host", ["[", "a b", "evil.example.org", "\xff"])
def test_a_host_that_is_not_ours_is_refused(visitor: Client, host: str) -> None:
    assert_refused(visitor.get("/", HTTP_HOST=host), 400)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"".join(part(b'name="f"; filename="a"') for _ in range(150)) + b"--x--",
        b"".join(part(b'name="f%d"' % number) for number in range(1500)) + b"--x--",
        b"--x\r\nContent-Disposition: form-data; name=code; " + b"y" * 20_000 + b"\r\n\r\n1\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--x--",
    ],
    ids=["files", "fields", "header", "base64"],
)
def test_a_form_that_is_too_much_is_refused(browser: Client, path: str, body: bytes) -> None:
    assert_refused(browser.generic("POST", path, body, FORM), 400, 404, 405, 415)
    form = b"&".join(b"a%d=1" % number for number in range(1500))
    assert_refused(browser.generic("POST", path, form, "application/x-www-form-urlencoded"), 400, 404, 405, 415)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b'--x\r\nContent-Disposition: form-data; name="code"\r\n\r\nabc',
        b"--x\r\nContent-Disposition: form-da",
        b"--y\r\nContent-Disposition: form-data; name=code\r\n\r\nabc\r\n--y--",
        b"",
        part(b"name=\"a\"; filename*=rot13''x%41") + b"--x--",
        part(b"name*=idna''co%ffde; filename*=utf-7''%ff") + b"--x--",
        part(b"name*" + b"9" * 900 + b"=a") + b"--x--",
        part(b'name="lan\0guage"', b"\0") + part(b'name="login"', b"\xed\xa0\x80") + b"--x--",
    ],
    ids=["cut", "cut header", "other boundary", "empty", "rot13", "idna", "number", "NUL"],
)
def test_a_broken_form_is_no_fault_of_ours(browser: Client, path: str, body: bytes) -> None:
    status = browser.generic("POST", path, body, FORM).status_code
    assert 200 <= status < 500


@pytest.mark.parametrize("kind", [FORM, "application/json", "application/x-www-form-urlencoded"])
def test_a_sender_that_goes_away_is_no_fault_of_ours(browser: Client, kind: str) -> None:
    class Broken:
        def read(self, *_: object) -> bytes:
            raise ConnectionResetError

        readline = read

    broken: Any = {"wsgi.input": Broken()}
    for path in ("/api/submissions/", "/api/runs/", "/problems/next-number/", "/accounts/login/"):
        assert browser.generic("POST", path, b"a=1", kind, **broken).status_code < 500


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=\xff", f"{FORM}{'x' * 300}"])
def test_a_form_without_a_boundary_is_refused(browser: Client, kind: str) -> None:
    for path in ("/problems/next-number/", "/accounts/login/", "/api/submissions/"):
        assert_refused(browser.generic("POST", path, b"--x--", kind), 400, 415)


def test_a_field_that_is_too_long_is_413(staff: User, browser: Client) -> None:
    browser.force_login(staff)
    body = part(b'name="slug"', b"x" * (1 << 20)) + b"--x--"
    assert_refused(browser.generic("POST", "/admin/problems/problem/import/", body, FORM), 413)


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "1e3", "０" * 20])
def test_a_length_that_is_none_is_refused(browser: Client, length: str) -> None:
    for path in PATHS:
        assert_refused(browser.generic("POST", path, b"a=1", FORM, CONTENT_LENGTH=length), 413)


@pytest.mark.parametrize("value", ["\0", "\ud800", "\xff\xfe", "x" * 9000, "9" * 5000, "-1", "http://[", "\r\nX: y"])
def test_a_query_may_be_anything(browser: Client, value: str) -> None:
    names = ["problem", "user", "status", "verdict", "cursor", "after", "look", "lang", "next", "format"]
    for path in ["/api/submissions/", "/api/schema/", "/api/docs/", "/submissions/", "/accounts/login/", "/"]:
        for name in names:
            assert browser.get(path, {name: value.encode("utf-8", "surrogatepass")}).status_code < 500


@pytest.mark.parametrize(
    "name", ["\0", "x\0", "\xff", "\xed\xa0\x80", "x" * 9000, "9" * 30, "9" * 5000, "..", "\r\nX:y"]
)
def test_a_path_may_be_anything(browser: Client, name: str) -> None:
    for path in [
        "/{}/",
        "/api/{}/",
        "/api/submissions/{}/",
        "/api/problems/{}/",
        "/problems/{}/",
        "/problems/next-number/assets/{}/x",
        "/problems/next-number/assets/1/{}",
        "/problems/next-number/tests/{}.in",
        "/submissions/{}/",
        "/accounts/confirm-email/{}/",
        "/accounts/password/reset/key/{}-x/",
        "/static/{}",
    ]:
        assert browser.generic("GET", "/", PATH_INFO=path.format(name)).status_code < 500


@pytest.mark.parametrize("cookie", ["\0", "x" * 9000, "\xff" * 32, '"\\000"', "a" * 31, ""])
@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages"])
def test_a_cookie_may_be_anything(db: None, quiet: None, name: str, cookie: str) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    cookies = f"{name}={cookie}"
    assert_refused(client.post("/api/submissions/", {"a": "b"}, HTTP_COOKIE=cookies), 401)
    assert_refused(client.post("/accounts/login/", {"csrfmiddlewaretoken": cookie}, HTTP_COOKIE=cookies), 403)
    assert client.get("/", HTTP_COOKIE=cookies).status_code == 200


@pytest.mark.parametrize("offered", ["a\nb", "a\r\nX: y", "x" * 10_240, "\xfc\xff", "\0", "../x", "a b"])
def test_a_request_id_of_garbage_is_not_echoed(visitor: Client, offered: str) -> None:
    response = visitor.get("/api/nothing/", HTTP_X_REQUEST_ID=offered)
    assert response["X-Request-ID"] == response.json()["requestId"]
    assert len(response["X-Request-ID"]) == 32


def test_a_very_long_name_logs_nobody_in(visitor: Client) -> None:
    response = visitor.post("/accounts/login/", {"login": "x" * 100_000, "password": "x"})
    assert response.status_code == 200
    assert b"at most 254 characters" in response.content


def test_a_method_that_is_not_allowed_gets_a_page(browser: Client) -> None:
    response = browser.post("/submissions/")
    assert_refused(response, 405)
    assert response["Allow"] == "GET, HEAD"


def test_errors_of_the_api_are_json_also_where_answers_are_not(browser: Client) -> None:
    assert_refused(browser.post("/api/schema/", b"1", content_type="text/plain"), 405)
    assert_refused(browser.get("/api/schema/?format=x"), 404)
    assert_refused(browser.get("/api/docs/?format=x"), 404)
