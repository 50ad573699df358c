"""Each status in the one shape, from the API and from the pages around it, to whoever asks for JSON."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from tests.execution.asking import SUBMIT, assert_error, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]
Ask = Callable[[Client, Any], Any]
JSON = {"accept": "application/json"}


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("a bug")


def _limited(client: Client, settings: Any) -> Any:
    settings.SUBMISSIONS_PER_MINUTE_PER_ADDRESS = 1
    post(client, SUBMIT)
    return post(client, SUBMIT)


def _full(client: Client, settings: Any) -> Any:
    settings.QUEUE_LIMIT = 1
    post(client, SUBMIT)
    return post(client, SUBMIT)


def _from_another_site(client: Client, path: str, **headers: str) -> Any:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    return strict.post(path, "{}", "application/json", headers=headers)


def _too_many_accounts(client: Client, settings: Any) -> Any:
    data = {"username": "a b", "password1": "x"}
    for _ in range(settings.SIGNUPS_PER_HOUR_PER_ADDRESS):
        Client().post("/accounts/signup/", data)
    return Client().post("/accounts/signup/", data, headers=JSON)


CASES: list[tuple[int, str, Ask]] = [
    (400, "no JSON", lambda client, _: post(client, "{")),
    (400, "host", lambda client, _: client.get("/api/languages/", HTTP_HOST="evil.example")),
    (400, "page's host", lambda client, _: client.get("/", headers=JSON, HTTP_HOST="evil.example")),
    (401, "nobody", lambda *_: post(Client(), SUBMIT)),
    (401, "token", lambda *_: post(Client(), SUBMIT, Authorization="Token abc")),
    (401, "token, reading", lambda *_: Client().get("/api/submissions/", headers={"Authorization": "Token abc"})),
    (403, "another site", lambda client, _: _from_another_site(client, "/api/submissions/")),
    (403, "page, another site", lambda client, _: _from_another_site(client, "/accounts/tokens/", **JSON)),
    (403, "not staff", lambda client, _: client.get("/health/detailed")),
    (404, "no submission", lambda client, _: client.get(f"/api/submissions/{uuid4()}/")),
    (404, "no path", lambda client, _: client.get("/api/nothing")),
    (404, "no path, posted", lambda client, _: post(client, SUBMIT, "/api/nothing")),
    (404, "no page", lambda client, _: client.get("/nothing", headers=JSON)),
    (404, "no problem", lambda client, _: client.get("/problems/nothing/", headers=JSON)),
    (405, "method", lambda client, _: client.delete("/api/submissions/")),
    (405, "description", lambda client, _: post(client, SUBMIT, "/api/schema/")),
    (405, "page's method", lambda client, _: client.post("/submissions/", headers=JSON)),
    (406, "format", lambda client, _: client.get("/api/languages/", headers={"accept": "application/xml"})),
    (406, "format, posted", lambda client, _: post(client, SUBMIT, accept="text/csv")),
    (406, "description", lambda client, _: client.get("/api/schema/", headers={"accept": "image/png"})),
    (413, "body", lambda client, _: post(client, SUBMIT | {"code": "#" * 2_000_000})),
    (413, "nowhere", lambda client, _: post(client, "#" * 2_000_000, "/api/nothing")),
    (413, "page's body", lambda client, _: client.post("/accounts/login/", {"a": "#" * 2_000_000}, headers=JSON)),
    (415, "type", lambda client, _: client.post("/api/submissions/", "x", content_type="text/plain")),
    (415, "form", lambda client, _: client.post("/api/runs/", {"code": "1"})),
    (429, "rate", _limited),
    (429, "accounts", _too_many_accounts),
    (503, "queue", _full),
]


@pytest.mark.parametrize(
    ("status", "ask"), [pytest.param(case[0], case[2], id=f"{case[0]} {case[1]}") for case in CASES]
)
def test_it_has_the_one_shape(status: int, ask: Ask, contestant: User, settings: Any) -> None:
    client = Client()
    client.force_login(contestant)
    response = ask(client, settings)
    assert_error(response, status)
    assert response["Content-Type"] == "application/json"
    assert ("Retry-After" in response) is (status in {429, 503})
    assert ("WWW-Authenticate" in response) is (status == 401)
    assert status != 405 or response["Allow"]


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("/api/languages/", "execution.api.LanguageListView.get"),
        ("/api/schema/", "drf_spectacular.views.SpectacularAPIView.get"),
        ("/submissions/", "execution.views.listed_for"),
        ("/accounts/tokens/", "accounts.views.render"),
    ],
)
def test_a_bug_of_ours_has_it_too(contestant: User, monkeypatch: pytest.MonkeyPatch, path: str, broken: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(contestant)
    monkeypatch.setattr(broken, _fail)
    response = client.get(path, headers=JSON)
    assert_error(response, 500)
    assert b"a bug" not in response.content
