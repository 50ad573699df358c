"""Signing up, in and out, and API tokens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import Settings

from accounts.models import User
from accounts.views import MAX_TOKENS
from tests.pages.reading import Answer, Page

SignedIn = Callable[[User], Client]
PASSWORD = "correct horse battery"
NEW = {"username": "ada", "email": "ada@example.org", "password1": PASSWORD, "password2": PASSWORD}


def is_signed_in(browser: Client) -> bool:
    return "Log out" in Page.of(browser.get("/")).one("header").text


def test_signing_up_signs_in_and_leads_back(db: None) -> None:
    browser = Client()
    response = browser.post("/accounts/signup/", {**NEW, "next": "/submissions/"})
    assert response["Location"] == "/submissions/"
    assert is_signed_in(browser)
    assert User.objects.get().username == "ada"


def test_signing_up_needs_no_email(db: None) -> None:
    assert Client().post("/accounts/signup/", {**NEW, "email": ""}).status_code == 302


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"password2": "another horse battery"}, "same password"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"username": "<b>"}, "valid username"),
        ({"username": "contestant"}, "already exists"),
        ({"email": "nowhere"}, "valid email"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_told_beside_its_field(
    changed: dict[str, str], message: str, contestant: User
) -> None:
    page = Page.of(Client().post("/accounts/signup/", NEW | changed))
    (errors,) = page.all("ul", class_="errorlist")
    assert message in errors.text
    field = next(element for element in page.elements if element.get("aria-invalid") == "true")
    assert field["name"] in changed
    assert User.objects.count() == 1


@pytest.mark.parametrize("login", ["contestant", "contestant@example.org"])
def test_one_signs_in_by_name_or_email(login: str, contestant: User) -> None:
    contestant.email = "contestant@example.org"
    contestant.save()
    browser = Client()
    assert browser.post("/accounts/login/", {"login": login, "password": PASSWORD}).status_code == 302
    assert is_signed_in(browser)


def test_a_wrong_password_is_told(contestant: User) -> None:
    page = Page.of(Client().post("/accounts/login/", {"login": "contestant", "password": "wrong"}))
    assert "not correct" in page.text


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil"]
)
def test_signing_in_leads_to_no_other_site(address: str, contestant: User) -> None:
    response = Client().post("/accounts/login/", {"login": "contestant", "password": PASSWORD, "next": address})
    assert response["Location"] == "/"


def test_links_to_the_entrances_lead_back(problem: Any) -> None:
    header = Page.of(Client().get("/submissions/?user=a&verdict=AC"))
    for name in ("account_login", "account_signup"):
        link = f"{reverse(name)}?next=%2Fsubmissions%2F%3Fuser%3Da%26verdict%3DAC"
        assert header.all("a", href=link)
    assert Page.of(Client().get("/accounts/signup/")).all("a", href="/accounts/login/")


def test_signing_out_is_posted(contestant: User, signed_in: SignedIn) -> None:
    browser = signed_in(contestant)
    assert browser.get("/accounts/logout/").status_code == 200
    assert is_signed_in(browser)
    browser.post("/accounts/logout/")
    assert not is_signed_in(browser)


def test_without_redis_one_can_still_sign_in(
    contestant: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}}
    monkeypatch.delattr(caches._connections, "default", raising=False)  # type: ignore[attr-defined]
    browser = Client()
    assert browser.post("/accounts/login/", {"login": "contestant", "password": PASSWORD}).status_code == 302
    assert Client().post("/accounts/signup/", NEW).status_code == 302


def make_token(browser: Client) -> str:
    """A new token, as the page shows it."""
    return Page.of(browser.post("/accounts/tokens/")).one("code", class_="token").text


def api(token: str) -> Answer:
    """An answer that needs a user."""
    return Client().post("/api/runs/", {}, "application/json", headers={"Authorization": f"Token {token}"})


def test_a_token_opens_the_api_until_it_is_revoked(contestant: User, signed_in: SignedIn) -> None:
    browser = signed_in(contestant)
    token = make_token(browser)
    assert api(token).status_code == 400  # known, but the run is missing
    browser.post("/accounts/tokens/revoke/", {"key": AuthToken.objects.get().token_key})
    assert api(token).status_code == 401
    assert "The token is revoked" in Page.of(browser.get("/accounts/tokens/")).text


def test_a_token_is_shown_once_and_kept_by_nobody(contestant: User, signed_in: SignedIn) -> None:
    browser = signed_in(contestant)
    response = browser.post("/accounts/tokens/")
    token = Page.of(response).one("code", class_="token").text
    assert len(token) == 64
    assert "no-store" in response["Cache-Control"]
    page = browser.get("/accounts/tokens/").content.decode()
    assert token not in page
    assert token[:8] in page
    assert token not in AuthToken.objects.get().digest


def test_an_ended_token_says_so(contestant: User, signed_in: SignedIn) -> None:
    AuthToken.objects.create(contestant, expiry=timedelta(hours=-1))
    assert "has ended" in Page.of(signed_in(contestant).get("/accounts/tokens/")).text
    AuthToken.objects.update(expiry=timezone.now() + timedelta(days=1))
    assert "has ended" not in Page.of(signed_in(contestant).get("/accounts/tokens/")).text


def test_somebody_elses_token_cannot_be_seen_or_revoked(contestant: User, stranger: User, signed_in: SignedIn) -> None:
    token = make_token(signed_in(contestant))
    browser = signed_in(stranger)
    assert token[:8] not in browser.get("/accounts/tokens/").content.decode()
    browser.post("/accounts/tokens/revoke/", {"key": AuthToken.objects.get().token_key})
    assert AuthToken.objects.count() == 1
    assert "There is no such token" in Page.of(browser.get("/accounts/tokens/")).text


def test_one_has_a_bounded_number_of_tokens(contestant: User, signed_in: SignedIn) -> None:
    for _ in range(MAX_TOKENS):
        AuthToken.objects.create(contestant)
    response = signed_in(contestant).post("/accounts/tokens/")
    assert response.status_code == 409
    assert "Revoke one" in Page.of(response).text
    assert AuthToken.objects.count() == MAX_TOKENS


def test_looking_makes_no_token(contestant: User, signed_in: SignedIn) -> None:
    signed_in(contestant).get("/accounts/tokens/")
    assert not AuthToken.objects.exists()
    assert signed_in(contestant).get("/accounts/tokens/revoke/").status_code == 405


def test_tokens_are_for_those_who_are_signed_in(db: None) -> None:
    for path in ("/accounts/tokens/", "/accounts/tokens/revoke/"):
        assert Client().post(path)["Location"] == f"/accounts/login/?next={path}"


def test_tokens_are_not_made_for_another_site(contestant: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(contestant)
    assert browser.post("/accounts/tokens/").status_code == 403
    assert not AuthToken.objects.exists()
