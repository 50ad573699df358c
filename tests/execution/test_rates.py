"""How often one may submit: per user, per address, and what the answers tell of it."""

from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import User
from tests.execution.asking import RUN, SUBMIT, assert_error, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
PAGE = "/problems/next-number/"
FORM = {"language": "python3", "code": "print(1)"}


@pytest.fixture(autouse=True)
def _within_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: 1_800_000_000.0))


def told(response: Any) -> tuple[int, int]:
    """The limit and what remains of it, once the time is seen to make sense."""
    limit, remaining, reset = (int(response[name]) for name in HEADERS)
    assert 1 <= reset <= 60
    return limit, remaining


def test_every_answer_tells_what_is_left(api: Client, settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 3
    assert told(post(api, SUBMIT)) == (3, 2)
    assert told(post(api, RUN, "/api/runs/")) == (3, 1)
    page = api.post(PAGE, FORM)
    assert (page.status_code, told(page)) == (302, (3, 0))
    refused = post(api, SUBMIT)
    assert_error(refused, 429)
    assert (told(refused), refused["Retry-After"]) == ((3, 0), refused["X-RateLimit-Reset"])
    page = api.post(PAGE, FORM)
    assert (page.status_code, told(page), page["Retry-After"]) == (429, (3, 0), page["X-RateLimit-Reset"])


def test_other_answers_tell_nothing(api: Client) -> None:
    for response in (api.get("/api/submissions/"), api.get(PAGE), post(api, SUBMIT | {"code": ""})):
        assert not set(HEADERS) & set(response.headers)


def test_without_a_limit_nothing_is_told(api: Client, settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE = settings.SUBMISSIONS_PER_MINUTE_PER_ADDRESS = 0
    assert not set(HEADERS) & set(post(api, SUBMIT).headers)


def test_many_accounts_at_one_address_share_a_wider_limit(cast: dict[str, Client], settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE_PER_ADDRESS = 2
    assert post(cast["contestant"], SUBMIT).status_code == 202
    assert told(post(cast["stranger"], SUBMIT)) == (2, 0)
    refused = post(cast["staff"], SUBMIT)
    assert_error(refused, 429)
    assert "All at your address" in refused.json()["message"]
    assert cast["staff"].post("/api/runs/", RUN, "application/json", REMOTE_ADDR="192.0.2.7").status_code == 202


def test_one_past_their_own_limit_takes_nothing_from_their_neighbours(cast: dict[str, Client], settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE, settings.SUBMISSIONS_PER_MINUTE_PER_ADDRESS = 1, 2
    for _ in range(5):
        post(cast["contestant"], SUBMIT)
    assert post(cast["stranger"], SUBMIT).status_code == 202


def test_who_is_not_signed_in_is_counted_by_address(settings: Any) -> None:
    settings.ALLOW_ANONYMOUS, settings.SUBMISSIONS_PER_MINUTE = True, 1
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]

    def send(forwarded: str) -> int:
        return int(post(Client(), RUN, "/api/runs/", **{"x-forwarded-for": forwarded}).status_code)

    assert send("192.0.2.1") == 202
    assert send("6.6.6.6, 192.0.2.1") == 429  # a new session and a made-up address help nobody
    assert send("2001:db8:1:2::1") == 202
    assert send("2001:db8:1:2::2") == 429


def test_a_forwarded_address_is_not_believed_by_itself(settings: Any) -> None:
    settings.ALLOW_ANONYMOUS, settings.SUBMISSIONS_PER_MINUTE = True, 1
    answers = [post(Client(), RUN, "/api/runs/", **{"x-forwarded-for": f"192.0.2.{i}"}) for i in range(2)]
    assert [answer.status_code for answer in answers] == [202, 429]


def test_without_redis_nobody_is_refused(contestant: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SUBMISSIONS_PER_MINUTE, settings.SESSION_ENGINE = 1, "django.contrib.sessions.backends.db"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}}
    monkeypatch.delattr(caches._connections, "default", raising=False)  # type: ignore[attr-defined]
    browser = Client()
    browser.force_login(contestant)
    answers = [post(browser, SUBMIT) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert not any(header in answer for answer in answers for header in HEADERS), "nobody counts"
