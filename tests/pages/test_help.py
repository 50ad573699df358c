"""The help says what is so: it is made of what the judge itself goes by."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from execution import capacity
from execution.help import EXPLANATIONS
from execution.languages import LANGUAGES
from execution.verdicts import Verdict
from tests.pages.reading import Page

LANGUAGES_MD = Path(__file__).parents[2] / "docs" / "languages.md"


@pytest.fixture
def page(db: None) -> Page:
    return Page.of(Client().get("/help/"))


def test_every_verdict_is_explained(page: Page) -> None:
    assert set(EXPLANATIONS) == set(Verdict)
    for verdict in Verdict:
        assert f"{verdict.value} {verdict.words}" in page.text
        assert str(EXPLANATIONS[verdict]) in page.text


def test_every_language_has_its_commands(page: Page) -> None:
    codes = [code.text for code in page.all("code")]
    for language in LANGUAGES.values():
        assert page.one("dt", id=f"language-{language.id}").text == f"{language.name} {language.version}"
    assert "gcc -std=gnu17 -O2 -static -s -pipe -DONLINE_JUDGE -o /out/program main.c -lm" in codes
    assert "python3 main.py" in codes
    assert "./program" in codes
    assert not re.search(r"\{\w+\}", "".join(codes))


def test_versions_are_those_of_the_documentation() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \| \d+ \|", LANGUAGES_MD.read_text(), re.MULTILINE))
    assert told == {language.id: language.version for language in LANGUAGES.values()}


def test_the_memory_of_a_command_is_what_a_program_gets(page: Page, settings: Any) -> None:
    assert f"--max-old-space-size={settings.DEFAULT_MEMORY_MB}" in page.text
    assert f"hold {settings.DEFAULT_MEMORY_MB} MB of memory" in page.text


def test_a_language_that_nobody_judges_is_marked(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "missing_images", lambda: frozenset({"rust"}))
    page = Page.of(Client().get("/help/"))
    assert page.text.count("Can't be judged here at present.") == 1


def test_outside_of_the_images_no_version_is_promised(db: None, settings: Any) -> None:
    settings.SANDBOX = "process"
    assert "GCC 12.2" not in Client().get("/help/").content.decode()


def test_without_a_rate_limit_none_is_told_of(db: None, settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 0
    assert "as often as you like" in Page.of(Client().get("/help/")).text


def test_the_examples_name_this_site(page: Page) -> None:
    assert "curl http://testserver/api/submissions/" in page.text


def test_it_asks_the_database_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        Client().get("/help/")


def test_every_page_leads_to_the_help_and_the_ranking(page: Page) -> None:
    assert page.one("a", href="/help/", aria_current="page")
    footer = page.one("footer")
    assert [link for link in page.all("a", href="/help/") if footer in link.within]
    assert page.one("a", href="/ranking/")
