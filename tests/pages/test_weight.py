"""What a first visit costs: a page and all that it loads, compressed; fonts come on demand."""

import gzip
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from problems.content import Statement, plain
from tests.factories import make_problem
from tests.pages.reading import Page

MATHS = '<p>Print <span class="math inline" data-tex="n+1">n + 1</span>.</p>' + "<p>Some words more of it.</p>" * 100


def weights(browser: Client, path: str) -> dict[str, int]:
    """The bytes of the page and of each file that it names."""
    response = browser.get(path)
    page = Page.of(response)
    loaded = {element["src"] for element in page.all("script", "img") if element.get("src")}
    loaded |= {link["href"] for link in page.all("link") if link["href"].startswith("/static/")}
    files = {name: Path(str(finders.find(name.removeprefix("/static/")))).read_bytes() for name in loaded}
    return {name: len(gzip.compress(content, 9)) for name, content in {path: response.content, **files}.items()}


def test_a_problem_with_maths_and_editor_is_light(author: User, contestant: User) -> None:
    make_problem(author, statements_json=plain([Statement("en", "Maths", MATHS)]))
    browser = Client()
    browser.force_login(contestant)
    found = weights(browser, "/problems/next-number/")
    assert {"/static/vendor/editor/editor.min.js", "/static/vendor/katex/katex.min.js"} <= set(found)
    assert sum(found.values()) <= 260_000, found


def test_the_list_is_light(author: User, contestant: User) -> None:
    for number in range(50):
        make_problem(author, slug=f"problem-{number}")
    browser = Client()
    browser.force_login(contestant)
    found = weights(browser, "/")
    assert any(name.endswith(".css") for name in found)
    assert sum(found.values()) <= 40_000, found
