"""Pages for what went wrong."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import User
from execution import catalog
from judge.web import errors
from tests.pages.reading import Page


def test_it_names_the_request(db: None) -> None:
    response = Client().get("/no/such/page/", headers={"X-Request-ID": "from-the-reader"})
    assert response.status_code == 404
    assert response["X-Request-ID"] == "from-the-reader"
    assert Page.of(response).one("code").text == "from-the-reader"


def test_it_shows_who_is_signed_in_where_the_database_can_be_asked(contestant: User) -> None:
    browser = Client()
    browser.force_login(contestant)
    assert "contestant" in Page.of(browser.get("/no/such/page/")).one("header").text


def test_a_fault_of_ours_has_a_page_that_asks_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """No database is allowed in this test, as if there were none; and the reader has a session that would need it."""

    def broken() -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(catalog, "_entries", broken)
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "0" * 32
    response = browser.get("/")
    assert response.status_code == 500
    page = Page.of(response)
    assert page.one("h1").text == errors.MESSAGES[500]
    assert page.one("code").text == response["X-Request-ID"]


def test_an_expired_form_says_what_to_do(contestant: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    response = browser.post("/accounts/login/", {"login": "contestant", "password": "correct horse battery"})
    assert response.status_code == 403
    assert "reload the page" in Page.of(response).text


@pytest.mark.parametrize("code", [400, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_says_what_to_do_next_and_names_the_request(rf: RequestFactory, code: int, language: str) -> None:
    """No database is allowed in this test: of 4xx, too, only who is signed in is asked of it."""
    request: HttpRequest = rf.get("/", headers={"Accept": "text/html"})
    request.user = AnonymousUser()
    with translation.override(language):
        page = Page.of(errors.error_response(request, code, wait=7 if code in {429, 503} else None))
        assert page.one("h1").text == gettext(errors.MESSAGES[code])
        assert gettext(errors.ADVICE[code]) in page.text
    assert page.one("code").text == "-"
    assert ("7" in page.one("main").text) == (code in {429, 503})
    assert page.all("a", class_="button", href="/")


def test_programs_read_english(db: None) -> None:
    chinese = Client(headers={"Accept-Language": "zh-CN"})
    assert chinese.get("/api/nothing/").json()["message"] == errors.MESSAGES[404]
    asked = chinese.get("/no/such/page/", headers={"Accept": "application/json"})
    assert asked.json()["message"] == errors.MESSAGES[404]
    refused = chinese.post("/api/runs/", {}, "application/json")
    assert refused.json()["message"] == "Authentication credentials were not provided."


def test_what_came_from_outside_is_escaped(rf: RequestFactory) -> None:
    request: HttpRequest = rf.get("/<script>alert(1)</script>/")
    response = errors.error_response(request, 404, "<script>alert(1)</script>")
    assert b"<script>" not in response.content
    assert errors.not_found(request, Http404("<b>")).status_code == 404


def test_too_many_attempts_to_log_in_end_in_the_page_for_that(db: None) -> None:
    cache.clear()
    statuses = set()
    for _ in range(125):
        response = Client().post("/accounts/login/", {"login": "nobody", "password": "wrong"})
        statuses.add(response.status_code)
    assert statuses == {200, 429}
    assert int(response["Retry-After"]) > 0
    assert Page.of(response).one("h1").text == errors.MESSAGES[429]
