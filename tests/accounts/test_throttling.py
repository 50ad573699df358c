"""Guessing passwords and making accounts in bulk: how often one address may try."""

import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def log_in(name: str = "contestant", password: str = "wrong", address: str = "192.0.2.1", **headers: Any) -> Any:
    data = {"login": name, "password": password}
    return Client().post("/accounts/login/", data, REMOTE_ADDR=address, **headers)


def sign_up(name: str, address: str = "192.0.2.1", **headers: Any) -> int:
    data = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    return int(Client().post("/accounts/signup/", data, REMOTE_ADDR=address, **headers).status_code)


def test_guessing_is_stopped_whatever_the_headers_say(contestant: User) -> None:
    for guess in range(10):
        log_in(address="192.0.2.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{guess}", HTTP_X_REAL_IP=f"203.0.113.{guess}")
    page = log_in(password=PASSWORD)
    assert page.status_code == 200
    assert b"Too many failed login attempts" in page.content
    assert log_in(password=PASSWORD, address="198.51.100.1").status_code == 302  # the account is not locked


def test_one_address_locks_nobody_out(contestant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.time()
    for minute in range(5):
        monkeypatch.setattr("time.time", lambda minute=minute: start + 60 * minute)
        for _ in range(15):
            log_in()
    assert log_in(password=PASSWORD, address="198.51.100.1").status_code == 302


def test_many_addresses_guess_one_name_no_faster(contestant: User) -> None:
    for address in range(60):
        log_in(address=f"198.51.100.{address}")
    assert b"Too many failed login attempts" in log_in(password=PASSWORD, address="203.0.113.9").content


def test_a_hall_can_log_in_at_once(contestant: User) -> None:
    assert {log_in(password=PASSWORD).status_code for _ in range(60)} == {302}


def test_accounts_are_not_made_in_bulk(settings: Any) -> None:
    for number in range(settings.SIGNUPS_PER_HOUR_PER_ADDRESS):
        assert sign_up(f"user{number}", "2001:db8:1:2::1", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}") == 302
    assert sign_up("onemore", "2001:db8:1:2::2") == 429
    refused = Client().post("/accounts/signup/", {}, REMOTE_ADDR="2001:db8:1:2::2")
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert sign_up("neighbour", "2001:db8:1:3::1") == 302


@pytest.mark.parametrize("password", ["short1!", "contestant9", "password123", "8675309867"])
def test_a_password_that_is_easily_guessed_is_none(password: str) -> None:
    data = {"username": "contestant", "password1": password, "password2": password}
    assert Client().post("/accounts/signup/", data).status_code == 200
    assert not User.objects.exists()


def test_the_admins_log_in_is_the_one_that_is_throttled(staff: User) -> None:
    response = Client().post("/admin/login/?next=/admin/", {"username": "staff", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")


def test_the_admins_log_in_is_no_way_in_for_others(contestant: User) -> None:
    browser = Client()
    browser.force_login(contestant)
    assert browser.get("/admin/login/").status_code == 403
    assert browser.get("/admin/", follow=True).status_code == 403
