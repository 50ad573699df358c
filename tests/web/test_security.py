"""What browsers are told to refuse, and which pages are for staff."""

import re
import runpy
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from execution.models import Pause, Rejudging
from problems.models import Problem
from tests.factories import make_judgement, make_problem, make_submission

INLINE = re.compile(rb"<style|\bstyle=|<script(?![^>]*\bsrc=)|\bon[a-z]+=", re.IGNORECASE)
UUID = "00000000-0000-0000-0000-000000000001"
EXAMPLES = {
    "slug": "next-number",
    "kind": "in",
    "name": "a.png",
    "content_type_id": "1",
    "object_id": UUID,
    "app_label": "execution",
}
# Where nothing is for staff either: what is not in the admin, what has no page on the site, and no package was kept.
EMPTY = {
    r"admin/(?P<url>.*)$",
    "admin/r/<path:content_type_id>/<path:object_id>/",
    "authors/problems/<slug:slug>/statement/<str:language>/",
    "authors/problems/<slug:slug>/versions/<int:number>.zip",
}
# Rows of others' apps, whose keys are of many kinds; and who is in is led on from the log-in.
OTHERS = re.compile("admin/(auth|knox|account|mfa|login)/")
# Whose own rules are tested where they are: everybody's, or one's own, or that need a password or token.
OPEN = re.compile(
    r"accounts/|theme/|language/|admin/logout/|api/|health$|metrics$|livez$|readyz$|$|submissions/|problems/<slug:slug>/(assets|tests)/|"
    r"problems/<slug:slug>/$|users/|ranking/|help/"
)


def paths(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every path of the site, as it is written in the URL confs."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            yield from paths(entry, path)
        else:
            assert isinstance(entry, URLPattern)
            yield path


def example(path: str) -> str:
    """An address that the path matches."""
    if path == r"admin/(?P<url>.*)$":
        return "/admin/nothing/"
    path = re.sub(r"\(\?P<(\w+)>.*?\)", r"<\1>", path)
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: EXAMPLES.get(match[1], UUID), path).replace("$", "")


CLOSED = sorted({path for path in paths() if not OPEN.match(path)})


def test_the_staff_pages_are_there() -> None:
    assert {"admin/", "admin/accounts/user/<path:object_id>/change/", "health/detailed"} <= set(CLOSED)
    assert len(CLOSED) > 30


@pytest.fixture
def _rows(problem: Problem, author: User, contestant: User) -> None:
    """What the examples are about: where nothing is, everybody would be told so."""
    User.objects.create_user("named", pk=UUID)
    other = make_problem(author, "other")
    Problem.objects.create(pk=UUID, slug="named", owner=author, version=other.version)
    submission = make_submission(problem, contestant, pk=UUID)
    make_judgement(submission, pk=UUID)
    Rejudging.objects.create(pk=UUID, is_preview=False)
    Pause.objects.create(pk=UUID, problem=other)


@pytest.mark.django_db
@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize("path", sorted(set(CLOSED) - EMPTY))
def test_what_is_closed_is_there_for_staff(path: str, admin_client: Client) -> None:
    response = admin_client.get(example(path))
    assert response.status_code != 404
    assert response.get("Location") != "/admin/" or OTHERS.match(path), "as the admin says that a row is not there"


@pytest.mark.django_db
@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize("path", CLOSED)
def test_staff_pages_are_closed_to_others(path: str, contestant: User, author: User, problem: Problem) -> None:
    for user in (None, contestant, author):
        browser = Client()
        if user:
            browser.force_login(user)
        for response in (browser.get(example(path)), browser.post(example(path))):
            assert response.status_code in {301, 302, 401, 403, 404, 405}, (user, response.status_code)
            if response.status_code == 302:
                assert re.match(r"/(accounts|admin)/login/", response["Location"]), response["Location"]


@pytest.mark.django_db
def test_who_is_no_longer_staff_is_shut_out_at_once(staff: User) -> None:
    browser = Client()
    browser.force_login(staff)
    assert browser.get("/admin/").status_code == 200
    User.objects.filter(pk=staff.pk).update(is_staff=False)
    assert browser.get("/admin/").status_code == 302
    assert browser.get("/health/detailed").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/", "/api/docs/", "/accounts/login/", "/accounts/signup/", "/problems/next-number/", "/submissions/", "/no"],
)
def test_pages_have_nothing_inline_that_the_policy_forbids(client: Client, problem: Problem, path: str) -> None:
    response = client.get(path, headers={"accept": "text/html"})
    assert "unsafe" not in response["Content-Security-Policy"]
    assert b"<html" in response.content
    assert not INLINE.search(response.content)


@pytest.mark.django_db
def test_headers_that_every_answer_bears(client: Client) -> None:
    for path in ("/", "/api/languages/", "/api/nothing", "/livez"):
        response = client.get(path)
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_cookies_are_kept_from_scripts_and_other_sites(client: Client, contestant: User) -> None:
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "contestant", "password": "correct horse battery"})
    assert client.cookies["sessionid"]["httponly"]
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["samesite"] == "Lax"


def settings_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(settings.BASE_DIR / "judge/settings.py"))


def test_behind_tls_cookies_are_secure_and_browsers_come_back_by_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settings_with(monkeypatch, BEHIND_TLS="1")
    assert made["SESSION_COOKIE_SECURE"] is made["CSRF_COOKIE_SECURE"] is True
    for name in ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_PROXY_SSL_HEADER"):
        monkeypatch.setattr(settings, name, made[name])
    told = client.get("/livez", headers={"x-forwarded-proto": "https"})["Strict-Transport-Security"]
    assert "max-age=31536000; includeSubDomains" in told


def test_without_tls_a_forwarded_scheme_is_not_believed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings_with(monkeypatch, BEHIND_TLS="0")
    assert made["SECURE_PROXY_SSL_HEADER"] is None
    assert "Strict-Transport-Security" not in client.get("/livez", headers={"x-forwarded-proto": "https"})


def test_by_default_it_serves_the_loopback_and_shows_no_details(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALLOWED_HOSTS", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    made = settings_with(monkeypatch)
    assert made["DEBUG"] is False
    assert "*" not in made["ALLOWED_HOSTS"]


def test_there_is_no_start_without_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception, match="SECRET_KEY is not set"):
        settings_with(monkeypatch, SECRET_KEY="")


@pytest.mark.parametrize("value", ["10.0.0.1/8", "proxy", "*", "10.0.0.0/33"])
def test_what_is_no_address_is_no_trusted_proxy(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(Exception, match="TRUSTED_PROXIES must be"):
        settings_with(monkeypatch, TRUSTED_PROXIES=value)
