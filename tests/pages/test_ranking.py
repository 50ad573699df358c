"""The ranking: who comes first, and where the reader is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import banning
from accounts.models import User
from execution import ranking
from execution.models import Rank
from tests.pages.reading import Page

SignedIn = Callable[[User], Client]


def make_rank(name: str, points: int, solved: int = 1, days_ago: int = 1) -> User:
    user = User.objects.create_user(name)
    at = timezone.now().replace(microsecond=0) - timedelta(days=days_ago)
    Rank.objects.create(user=user, points=points, solved=solved, last_solved_at=at)
    return user


def names(page: Page) -> list[str]:
    return [cell.text for cell in page.all("th", scope="row")]


@pytest.fixture
def ranked(db: None) -> list[User]:
    """Best first: each by one more rule."""
    return [make_rank("a", 9), make_rank("b", 5, 3), make_rank("c", 5, 2, days_ago=9), make_rank("d", 5, 2)]


def test_points_come_first_then_problems_then_the_earlier(ranked: list[User]) -> None:
    page = Page.of(Client().get("/ranking/"))
    assert names(page) == ["a", "b", "c", "d"]
    rows = [[cell.text for cell in page.all("td") if row in cell.within][:3] for row in page.all("tr")[1:]]
    assert rows == [["1", "9", "1"], ["2", "5", "3"], ["3", "5", "2"], ["4", "5", "2"]]
    assert page.one("a", href="/users/a/").text == "a"


def test_a_place_is_that_in_the_list(ranked: list[User], contestant: User) -> None:
    assert [ranking.place_of(user) for user in ranked] == [1, 2, 3, 4]
    assert ranking.place_of(contestant) is None
    twin = make_rank("e", 5, 2)
    Rank.objects.filter(user=twin).update(last_solved_at=Rank.objects.get(user=ranked[3]).last_solved_at)
    listed = list(Rank.objects.values_list("user", flat=True))
    for user in (ranked[3], twin):
        assert ranking.place_of(user) == listed.index(user.pk) + 1


def test_banned_users_are_left_out(ranked: list[User]) -> None:
    banning.ban(ranked[0])
    assert names(Page.of(Client().get("/ranking/"))) == ["b", "c", "d"]
    assert ranking.place_of(ranked[1]) == 1


def test_the_reader_s_place_is_shown_from_any_page(
    ranked: list[User], signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "PAGE_SIZE", 2)
    page = Page.of(signed_in(ranked[3]).get("/ranking/"))
    assert "Your place: 4 of 4." in page.text
    assert names(page) == ["a", "b"]
    there = page.one("a", href="?page=2#you")
    assert there.text == "Go there"
    page = Page.of(signed_in(ranked[3]).get("/ranking/?page=2"))
    assert page.one("tr", id="you").text.startswith("4 d (you)")
    assert [link["href"] for link in page.all("a") if link["href"].startswith("?")] == ["?page=1"]


def test_who_has_no_place_is_told_so(ranked: list[User], contestant: User, signed_in: SignedIn) -> None:
    assert "You have no place yet" in Page.of(signed_in(contestant).get("/ranking/")).text
    assert "place yet" not in Page.of(Client().get("/ranking/")).text


def test_an_empty_ranking_says_so(db: None) -> None:
    assert "Nobody has solved anything yet." in Page.of(Client().get("/ranking/")).text


def test_it_costs_as_many_queries_however_many_there_are(
    ranked: list[User], signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        Client().get("/ranking/")
    client = signed_in(ranked[0])
    with django_assert_num_queries(6):
        client.get("/ranking/")


def test_a_long_name_is_there_in_full_for_those_who_ask(db: None) -> None:
    name = "x" * 150
    make_rank(name, 1)
    link = Page.of(Client().get("/ranking/")).one("a", class_="user")
    assert (link["href"], link["title"], link.text) == (f"/users/{name}/", name, name)
    assert Client().get(f"/users/{name}/").status_code == 200
