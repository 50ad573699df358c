"""When a token was used last: to the minute, and nobody waits for it."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from accounts import last_use
from accounts.last_use import note
from accounts.models import TokenUse, User


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    last_use._noted.clear()


@pytest.fixture
def token(contestant: User) -> AuthToken:
    return AuthToken.objects.create(contestant)[0]


def last_used(token: AuthToken) -> Any:
    return TokenUse.objects.get(token=token).last_used


@pytest.mark.django_db(transaction=True)
def test_a_thread_of_its_own_writes_it(token: AuthToken) -> None:
    note(token)
    last_use._writer.submit(lambda: None).result(15)  # what was asked for before is done
    assert timezone.now() - last_used(token) < timedelta(minutes=1)


def test_it_is_written_at_most_once_a_minute_by_a_process(token: AuthToken, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(last_use._writer, "submit", lambda _, digest: written.append(digest))
    for now in (1000.0, 1059.9, 1060.0, 1061.0):
        monkeypatch.setattr(time, "monotonic", lambda now=now: now)
        note(token)
    assert written == [token.pk] * 2


def test_it_is_written_at_most_once_a_minute_by_all_of_them(token: AuthToken) -> None:
    last_use.write(token.pk)
    first = last_used(token)
    last_use.write(token.pk)
    assert last_used(token) == first
    TokenUse.objects.update(last_used=first - timedelta(minutes=1))
    last_use.write(token.pk)
    assert last_used(token) >= first


def test_writing_keeps_the_name(token: AuthToken) -> None:
    TokenUse.objects.create(token=token, name="my bot")
    last_use.write(token.pk)
    assert TokenUse.objects.get().name == "my bot"


def test_a_busy_database_is_the_next_minutes_affair(token: AuthToken, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(digest: str) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(last_use, "write", busy)
    monkeypatch.setattr(connection, "close", lambda: None)
    last_use._noted[token.pk] = 1.0
    last_use._write_and_hang_up(token.pk)
    assert token.pk not in last_use._noted


def test_what_is_known_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_use._writer, "submit", lambda *_: None)
    monkeypatch.setattr(last_use, "MAX_KNOWN", 3)
    for number in range(10):
        note(AuthToken(pk=str(number)))
    assert len(last_use._noted) <= 3


def test_requests_with_a_token_note_it(contestant: User, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[AuthToken] = []
    monkeypatch.setattr(last_use, "note", noted.append)
    token, secret = AuthToken.objects.create(contestant)
    Client().get("/api/submissions/", headers={"Authorization": f"Token {secret}"})
    Client().get("/api/submissions/", headers={"Authorization": "Token wrong"})
    assert noted == [token]
