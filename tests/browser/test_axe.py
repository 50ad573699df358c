"""Every page, in light and in dark, wide and narrow, as axe-core sees it: no violation.

A new page is one more line of PAGES. The API's page is Swagger UI's, and the admin's are Django's: not ours to mend.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from knox.models import AuthToken
from playwright.sync_api import Page, Route

from accounts.models import User
from execution.models import Rejudging, Stage, Submission
from execution.states import State
from execution.verdicts import Verdict
from judge.web import errors
from problems.content import Statement, plain
from problems.importer import import_package
from problems.models import Problem
from tests.browser import axe
from tests.factories import make_problem, make_submission
from tests.problems.building import as_zip, dated

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_static"),
]

MATHS = '<p>Print <span class="math inline" data-tex="n+1">n + 1</span>.</p><h2>Output</h2><p>A number.</p>'


@dataclass
class World:
    """What pages are about."""

    problem: Problem
    queued: Submission
    judged: Submission
    rejudging: Rejudging
    contestant: User
    packed: Problem  # whose package is there, with its statement's source and a tagged submission


Where = str | Callable[[World], str]  # a path, or how to find it

PAGES: dict[str, list[Where]] = {
    "anyone": [
        "/",
        lambda world: f"/problems/{world.problem.slug}/",
        "/submissions/",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/ranking/",
        "/help/",
        "/no/such/page/",
    ],
    "contestant": [
        "/",
        lambda world: f"/problems/{world.problem.slug}/",
        "/submissions/",
        lambda world: f"/submissions/{world.queued.pk}/",
        lambda world: f"/submissions/{world.judged.pk}/",
        lambda world: f"/submissions/compare/?of={world.judged.pk}&of={world.queued.pk}",
        "/users/contestant/",
        "/ranking/",
        "/accounts/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/reauthenticate/",
        "/accounts/tokens/",
        "/accounts/delete/",
        "/accounts/logout/",
    ],
    "staff": [
        "/staff/status/",
        "/staff/judging/",
        "/staff/rejudgings/",
        lambda world: world.rejudging.get_absolute_url(),
        "/authors/",
        "/authors/upload/",
        lambda world: f"/authors/problems/{world.packed.slug}/",
        lambda world: f"/authors/problems/{world.packed.slug}/upload/",
        lambda world: f"/authors/problems/{world.packed.slug}/statement/en/",
    ],
}
LOOKS = [pytest.param("light", 1280, id="light"), pytest.param("dark", 360, id="dark")]


@pytest.fixture(scope="module", autouse=True)
def _axe() -> None:
    axe.install()


@pytest.fixture
def world(author: User, contestant: User, tmp_path: Path) -> World:
    statements = [Statement("en", "Maths", MATHS), Statement("de", "Mathe", "<p>Drucke n + 1.</p>")]
    problem = make_problem(author, "maths", statements_json=plain(statements))
    AuthToken.objects.create(contestant)
    judged = make_submission(
        problem,
        contestant,
        state=State.COMPLETED,
        verdict=Verdict.WA,
        time_ms=12,
        memory_kb=9300,
        result={
            "tests": [{"number": 1, "verdict": "WA", "timeMs": 12, "memoryKb": 9300, "isSample": True, "detail": ""}],
            "total": 3,
            "compileOutput": "warning: unused",
        },
    )
    rejudging = Rejudging.objects.create(words="problem maths", is_preview=True, stage=Stage.JUDGED)
    files = dated()
    files["submissions/wrong_answer/zero.py"] = "print(0)\n"
    packed = import_package(as_zip(files, tmp_path / "packed.zip"), author).problem
    return World(problem, make_submission(problem, contestant), judged, rejudging, contestant, packed)


@pytest.fixture
def look(open_page: Callable[..., Page], live_server: Any) -> Callable[..., Page]:
    """A browser in one of the themes, in which that user, if any, is signed in. Error pages are no error."""

    def opened(theme: str, width: int, user: User | None = None) -> Page:
        page = open_page(width, allow=r"status of [45]\d\d")
        cookies = {"theme": theme} | ({"sessionid": session(user)} if user else {})
        page.context.add_cookies([{"name": name, "value": cookies[name], "url": live_server.url} for name in cookies])
        return page

    return opened


def session(user: User) -> str:
    """Of somebody who has just given their password."""
    browser = Client()
    browser.post("/accounts/login/", {"login": user.username, "password": "correct horse battery"})
    browser.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    return browser.cookies["sessionid"].value


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize("who", PAGES)
def test_pages_keep_nobody_out(
    who: str, theme: str, width: int, look: Callable[..., Page], live_server: Any, world: World, staff: User
) -> None:
    page = look(theme, width, {"contestant": world.contestant, "staff": staff}.get(who))
    found = {}
    for where in PAGES[who]:
        path = where if isinstance(where, str) else where(world)
        response = page.goto(live_server.url + path)
        assert response
        assert response.status == (404 if path == "/no/such/page/" else 200), path
        assert page.url == live_server.url + path, "one is led elsewhere"
        found[path] = troubles(page)
    assert {path: found[path] for path in found if found[path]} == {}


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_pages_of_a_second_factor_keep_nobody_out(
    theme: str, width: int, look: Callable[..., Page], live_server: Any, contestant: User
) -> None:
    page = look(theme, width, contestant)
    TOTP.activate(contestant, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(contestant)
    found = {}
    for path in ("", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "reauthenticate/"):
        page.goto(f"{live_server.url}/accounts/2fa/{path}")
        assert page.url == f"{live_server.url}/accounts/2fa/{path}", "one is led elsewhere"
        found[path] = troubles(page)
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Username or email").fill("contestant")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/accounts/2fa/authenticate/")
    found["authenticate/"] = troubles(page)
    assert {path: found[path] for path in found if found[path]} == {}


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_error_pages_keep_nobody_out(
    theme: str, width: int, look: Callable[..., Page], live_server: Any, rf: RequestFactory
) -> None:
    request = rf.get("/went-wrong/", headers={"Accept": "text/html"})
    request.user, request.COOKIES["theme"] = AnonymousUser(), theme
    page = look(theme, width)
    html = ""

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("**/went-wrong/", answer)
    found = {}
    for code in (400, 403, 404, 429, 500, 503):
        html = errors.error_response(request, code, wait=60 if code == 429 else None).content.decode()
        page.goto(f"{live_server.url}/went-wrong/")
        found[code] = troubles(page)
    assert {code: found[code] for code in found if found[code]} == {}


def troubles(page: Page) -> list[str]:
    fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return axe.violations(page) + ([] if fits else ["it has to be scrolled sideways"])
