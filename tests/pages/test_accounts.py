"""Signing up, in and out, and API tokens."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import caches
from django.core.mail import EmailMessage
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import Settings

from accounts.models import TokenUse, User
from accounts.views import MAX_TOKENS
from execution import admission
from execution.models import Judgement, QueueCounter, Submission
from execution.states import State
from problems.models import Problem
from tests.factories import make_submission
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
        ({"username": "<b>"}, "letters a to z"),
        ({"username": ".."}, "begin with a letter or digit"),
        ({"username": "cоntestant"}, "letters a to z"),  # with a Cyrillic o
        ({"username": "ada\u200b"}, "letters a to z"),
        ({"username": "a" * 31}, "at most 30 characters"),
        ({"username": "contestant"}, "already exists"),
        ({"username": "Contestant"}, "already exists"),
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
    return Page.of(browser.post("/accounts/tokens/", {"name": "my bot"})).one("code", class_="token").text


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
    response = browser.post("/accounts/tokens/", {"name": "my bot"})
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
    response = signed_in(contestant).post("/accounts/tokens/", {"name": "one more"})
    assert response.status_code == 409
    assert "Revoke one" in Page.of(response).text
    assert AuthToken.objects.count() == MAX_TOKENS


def test_looking_makes_no_token(contestant: User, signed_in: SignedIn) -> None:
    signed_in(contestant).get("/accounts/tokens/")
    assert not AuthToken.objects.exists()
    assert signed_in(contestant).get("/accounts/tokens/revoke/").status_code == 405


def test_a_token_has_a_name(contestant: User, signed_in: SignedIn) -> None:
    browser = signed_in(contestant)
    for name in ("", " ", "x" * 61):
        assert Page.of(browser.post("/accounts/tokens/", {"name": name})).all("ul", class_="errorlist")
    assert not AuthToken.objects.exists()
    make_token(browser)
    page = Page.of(browser.get("/accounts/tokens/"))
    assert page.one("th", scope="row").text == "my bot"
    assert page.one("button", class_="button quiet danger").text == "Revoke my bot"


def test_a_token_tells_when_it_was_used_last(contestant: User, signed_in: SignedIn) -> None:
    browser = signed_in(contestant)
    make_token(browser)
    AuthToken.objects.create(contestant)  # as the command api_token does
    cells = [cell.text for cell in Page.of(browser.get("/accounts/tokens/")).all("td")]
    assert cells.count("never") == 4  # used, ends
    TokenUse.objects.update(last_used=datetime(2026, 11, 24, 20, 15, tzinfo=UTC))
    assert "24 Nov 2026, 20:15" in Page.of(browser.get("/accounts/tokens/")).text


def test_the_page_of_tokens_asks_the_database_as_much_for_many(
    contestant: User, signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    browser = signed_in(contestant)
    for _ in range(5):
        make_token(browser)
    with django_assert_num_queries(3):  # session, user, tokens
        browser.get("/accounts/tokens/")


def test_tokens_are_for_those_who_are_signed_in(db: None) -> None:
    """And the way back from the log-in leads to a page."""
    for path in ("/accounts/tokens/", "/accounts/tokens/revoke/"):
        assert Client().post(path)["Location"] == "/accounts/login/?next=/accounts/tokens/"


def test_tokens_are_not_made_for_another_site(contestant: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(contestant)
    assert browser.post("/accounts/tokens/").status_code == 403
    assert not AuthToken.objects.exists()


def leave(browser: Client, name: str = "contestant") -> Answer:
    return browser.post("/accounts/delete/", {"name": name})


@pytest.fixture
def just_in(contestant: User) -> Client:
    """The contestant's browser, a moment after the password was asked for once more."""
    return confirmed("contestant")


def confirmed(name: str) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": name, "password": PASSWORD})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def test_every_page_of_an_account_can_be_reached_from_one(just_in: Client) -> None:
    page = Page.of(just_in.get("/accounts/"))
    main = page.one("main")
    links = {link["href"] for link in page.all("a") if main in link.within}
    names = ("account_email", "account_change_password", "mfa_index", "api_tokens", "delete_account")
    assert {reverse(name) for name in names} | {"/users/contestant/"} <= links
    assert Page.of(just_in.get("/")).all("a", href="/accounts/")
    for name in names:
        assert just_in.get(reverse(name)).status_code == 200


def test_an_account_is_deleted_with_all_that_was_its_own(just_in: Client, contestant: User, problem: Problem) -> None:
    token = make_token(just_in)
    submission = make_submission(problem, contestant)
    assert leave(just_in)["Location"] == "/"
    assert not User.objects.filter(username="contestant").exists()
    assert not Submission.objects.filter(pk=submission.pk).exists()
    assert not TokenUse.objects.exists()
    assert api(token).status_code == 401
    page = Page.of(just_in.get("/"))
    assert "Your account is deleted" in page.text
    assert "Log in" in page.one("header").text


def queued() -> int:
    return sum(QueueCounter.objects.values_list("queued", flat=True))


@pytest.mark.django_db(transaction=True)
def test_what_a_deleted_account_had_sent_is_read_from_no_cache(
    just_in: Client, contestant: User, problem: Problem, staff: User, caplog: pytest.LogCaptureFixture
) -> None:
    sent = [make_submission(problem, contestant, state=state) for state in (State.QUEUED, State.COMPLETED)]
    admission.recount()
    reader = Client()
    reader.force_login(staff)
    paths = [submission.api_url for submission in sent]
    assert [reader.get(path).status_code for path in paths] == [200, 200]
    assert leave(just_in)["Location"] == "/"
    assert [reader.get(path).status_code for path in paths] == [404, 404]
    assert "Error calling" not in caplog.text


def test_names_differ_in_more_than_case_also_of_two_at_once(contestant: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create(username=contestant.username.upper())


def test_what_a_deleted_account_had_queued_takes_no_place(just_in: Client, contestant: User, problem: Problem) -> None:
    settled = queued()
    body = {"problem": problem.slug, "language": "python3", "code": "print(1)"}
    assert just_in.post("/api/submissions/", body, "application/json").status_code == 202
    assert queued() == settled + 1
    leave(just_in)
    assert queued() == settled


def test_an_account_is_not_deleted_by_mistake(just_in: Client) -> None:
    for name in ("", "Contestant", "author"):
        assert Page.of(leave(just_in, name)).all("ul", class_="errorlist")
    assert just_in.get("/accounts/delete/").status_code == 200
    assert User.objects.filter(username="contestant").exists()


def test_deleting_an_account_takes_its_password(contestant: User, signed_in: SignedIn) -> None:
    browser = signed_in(contestant)
    response = leave(browser)
    assert response["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Fdelete%2F"
    assert User.objects.filter(username="contestant").exists()
    browser.post(response["Location"], {"password": "wrong", "next": "/accounts/delete/"})
    assert User.objects.filter(username="contestant").exists()
    browser.post(response["Location"], {"password": PASSWORD, "next": "/accounts/delete/"})
    assert not User.objects.filter(username="contestant").exists()


def test_an_account_that_owns_problems_stays_with_clear_words(problem: Problem, author: User) -> None:
    browser = confirmed("author")
    make_submission(problem, author)
    response = leave(browser, "author")
    assert response.status_code == 409
    assert "next-number" in Page.of(response).one("p", role="alert").text
    assert "another owner" in Page.of(response).text
    assert Judgement.objects.get().state == State.QUEUED  # nothing of the attempt is left
    assert is_signed_in(browser)


def test_a_forgotten_password_is_replaced_by_mail(contestant: User, mailoutbox: list[EmailMessage]) -> None:
    contestant.email = "contestant@example.org"
    contestant.save()
    Client().post("/accounts/password/reset/", {"email": "contestant@example.org"})
    (mail,) = mailoutbox
    assert mail.subject.startswith("Verdict: ")
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.body))
    assert found
    browser = Client()
    form = browser.get(found[1], follow=True)
    new = {"password1": "a quite new phrase", "password2": "a quite new phrase"}
    browser.post(form.request["PATH_INFO"], new)
    answer = Client().post("/accounts/login/", {"login": "contestant", "password": "a quite new phrase"})
    assert answer["Location"] == "/"


def test_who_has_no_account_is_not_told_apart(db: None, mailoutbox: list[EmailMessage]) -> None:
    response = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert response["Location"] == "/accounts/password/reset/done/"


def test_a_password_is_changed_by_who_knows_it(just_in: Client) -> None:
    new = {"password1": "a quite new phrase", "password2": "a quite new phrase"}
    assert Page.of(just_in.post("/accounts/password/change/", {"oldpassword": "wrong", **new})).all(class_="errorlist")
    assert just_in.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new}).status_code == 302
    assert is_signed_in(just_in)


def test_a_second_factor_is_asked_for_after_the_password(just_in: Client, contestant: User) -> None:
    page = Page.of(just_in.get("/accounts/2fa/totp/activate/"))
    secret = page.one("input", id="authenticator_secret")["value"]
    assert page.one("img", class_="qr")["src"].startswith("data:image/svg+xml")
    assert just_in.post("/accounts/2fa/totp/activate/", {"code": totp(secret)})["Location"] == (
        "/accounts/2fa/recovery-codes/"
    )
    codes = Page.of(just_in.get("/accounts/2fa/recovery-codes/")).one("textarea").text.split()
    assert len(codes) == 10

    other = Client()
    answer = other.post("/accounts/login/", {"login": "contestant", "password": PASSWORD, "next": "/submissions/"})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(other)
    assert other.post(answer["Location"], {"code": "000000"}).status_code == 200
    assert other.post(answer["Location"], {"code": codes[0]})["Location"] == "/submissions/"
    assert is_signed_in(other)


def totp(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_accounts_elsewhere_open_nothing_by_default(db: None) -> None:
    page = Page.of(Client().get("/accounts/login/"))
    assert "elsewhere" not in page.text
    assert Client().get("/accounts/github/login/").status_code == 404
    assert Client().get("/accounts/3rdparty/").status_code == 404
