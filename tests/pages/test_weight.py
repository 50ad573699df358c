"""What a first visit to a problem costs: its page and all that it loads, compressed; fonts come on demand."""

import gzip
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from problems.content import Statement, plain
from tests.factories import make_problem
from tests.pages.reading import Page

LIMIT = 260_000  # bytes
MATHS = '<p>Print <span class="math inline" data-tex="n+1">n + 1</span>.</p>' + "<p>Some words more of it.</p>" * 100


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def test_a_problem_with_maths_and_editor_is_light(author: User, contestant: User) -> None:
    make_problem(author, statements_json=plain([Statement("en", "Maths", MATHS)]))
    browser = Client()
    browser.force_login(contestant)
    response = browser.get("/problems/next-number/")
    page = Page.of(response)
    loaded = {element["src"] for element in page.all("script", "img")} | {link["href"] for link in page.all("link")}
    files = {name.removeprefix("/static/"): weight(Path(str(finders.find(name[8:]))).read_bytes()) for name in loaded}
    assert {"vendor/editor/editor.min.js", "vendor/katex/katex.min.js", "js/problem.js"} <= set(files)
    total = sum(files.values()) + weight(response.content)
    assert total <= LIMIT, files
