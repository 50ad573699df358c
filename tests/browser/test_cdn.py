"""Pages whose static files come from another server: all of them do, and the policy lets them."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from problems.content import Statement, plain
from tests.factories import make_problem, make_submission

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MATHS = '<p>Print <span class="math inline" data-tex="\\sqrt{n}">√n</span>.</p>'


class Cdn(SimpleHTTPRequestHandler):
    """Serves what `collectstatic` made, to other sites' pages too, as fonts need."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def cdn(tmp_path: Path, settings: Settings) -> Iterator[str]:
    """The address of a server that has the static files, which pages name from now on."""
    (tmp_path / "static").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Cdn, directory=str(tmp_path)))
    address = f"http://127.0.0.1:{server.server_port}"
    settings.CDN_URL = address
    settings.STATIC_URL = f"{address}/static/"
    settings.STATIC_ROOT = tmp_path / "static"
    hashed = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": hashed}
    call_command("collectstatic", interactive=False, verbosity=0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(cdn: str) -> Iterator[str]:
    """The address of a server of our pages that was started with these settings."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


def test_every_static_file_comes_from_the_cdn(
    cdn: str, site: str, open_page: Callable[..., Page], author: User, contestant: User
) -> None:
    """A page's own complaint, as of a script that its policy forbids, fails the test."""
    problem = make_problem(author, statements_json=plain([Statement("en", "Roots", MATHS)]))
    submission = make_submission(problem, contestant)
    page = open_page(allow="status of 404")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    paths = ["/", f"/problems/{problem.slug}/", "/submissions/", "/accounts/login/", "/no/such/page/", "/api/docs/"]
    for path in (*paths, f"/submissions/{submission.pk}/"):
        asked.clear()
        page.goto(site + path, wait_until="networkidle")
        own = {urlsplit(url).path for url in asked if url.startswith(site)}
        static = [url for url in asked if url.startswith(f"{cdn}/static/")]
        assert len(static) >= 3, path
        assert own <= {path, "/api/schema/", "/api/docs/"}, path
        assert len(own) + len(static) <= len(asked)
        assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "the style sheet is there"
    page.goto(f"{site}/problems/{problem.slug}/")
    page.locator(".katex").wait_for()
    page.wait_for_function("document.fonts.size > 0 && [...document.fonts].some((font) => font.status === 'loaded')")
