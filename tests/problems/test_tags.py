"""Tags: at first the package's keywords, then what staff make of them."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from problems.content import MAX_TAG, MAX_TAGS, tags_of
from problems.importer import import_package
from problems.models import Problem
from tests.factories import make_problem
from tests.problems.building import as_directory, legacy


@pytest.mark.parametrize(
    ("keywords", "tags"),
    [
        ([], []),
        (["Graphs", " shortest \n path ", "GRAPHS", "", " "], ["graphs", "shortest path"]),
        (["x" * 99], ["x" * MAX_TAG]),
        ([f"t{n}" for n in range(99)], [f"t{n}" for n in range(MAX_TAGS)]),
    ],
)
def test_keywords_make_tags(keywords: list[str], tags: list[str]) -> None:
    assert tags_of(keywords) == tags


def imported(owner: User, tmp_path: Any, name: str, keywords: str) -> Problem:
    """The package once more, with other keywords."""
    files = legacy()
    text = files["problem.yaml"]
    files["problem.yaml"] = f"{text.decode() if isinstance(text, bytes) else text}\nkeywords: {keywords}\n"
    return import_package(as_directory(files, tmp_path / name), owner, slug="next").problem


def test_a_new_version_brings_new_tags_until_somebody_has_edited_them(author: User, tmp_path: Any) -> None:
    assert imported(author, tmp_path, "a", "Graphs trees").tags == ["graphs", "trees"]
    assert imported(author, tmp_path, "b", "graphs").tags == ["graphs"]
    Problem.objects.update(tags=["mine"])
    assert imported(author, tmp_path, "c", "strings").tags == ["mine"]


@pytest.fixture
def browser(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def change(browser: Client, problem: Problem, **fields: str) -> Any:
    inline = {f"versions-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return browser.post(f"/admin/problems/problem/{problem.pk}/change/", {"is_public": "on", **inline, **fields})


def test_staff_edit_tags_and_difficulty(problem: Problem, browser: Client) -> None:
    assert change(browser, problem, tags="Graphs,  dynamic   programming,,graphs", difficulty="7").status_code == 302
    problem.refresh_from_db()
    assert (problem.tags, problem.difficulty) == (["graphs", "dynamic programming"], 7)
    page = browser.get(f"/admin/problems/problem/{problem.pk}/change/").content.decode()
    assert 'value="graphs, dynamic programming"' in page
    assert change(browser, problem, tags="", difficulty="").status_code == 302
    problem.refresh_from_db()
    assert (problem.tags, problem.difficulty) == ([], None)


@pytest.mark.parametrize("difficulty", ["0", "11", "-1", "x"])
def test_difficulty_is_from_1_to_10(difficulty: str, author: User, browser: Client) -> None:
    problem = make_problem(author)
    assert change(browser, problem, difficulty=difficulty).status_code == 200
    problem.refresh_from_db()
    assert problem.difficulty is None
