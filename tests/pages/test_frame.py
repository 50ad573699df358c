"""What every page has in common, tested on every page there is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from execution.states import State
from execution.verdicts import Verdict
from problems.content import Statement, plain
from problems.models import Problem
from tests.factories import make_problem, make_submission
from tests.pages.reading import Answer, Element, Page

CDN = "https://cdn.example.org"
MATHS = '<p>Print <span class="math inline" data-tex="n+1">n + 1</span>.</p>'
NAMED_BY_TEXT = ("button", "a", "summary", "th", "caption")


@dataclass
class Site:
    """Everything there is a page of."""

    problem: Problem
    contestant: User

    def paths(self) -> Iterator[str]:
        queued, judged = (
            make_submission(self.problem, self.contestant),
            make_submission(
                self.problem,
                self.contestant,
                state=State.COMPLETED,
                verdict=Verdict.WA,
                time_ms=12,
                memory_kb=9300,
                result={"tests": [], "compileOutput": "warning"},
            ),
        )
        yield from (f"/submissions/{submission.pk}/" for submission in (queued, judged))
        yield from (f"/problems/{self.problem.slug}/", f"/problems/{self.problem.slug}/?lang=de", "/no/such/page/")
        for name in ("problem_list", "submission_list", "account_login", "account_signup", "account_reset_password"):
            yield reverse(name)
        for name in ("account", "api_tokens", "account_email", "account_change_password", "account_logout"):
            yield reverse(name)
        for name in ("mfa_index", "mfa_activate_totp", "delete_account"):
            yield reverse(name)

    def pages(self, browser: Client) -> dict[str, Answer]:
        return {path: browser.get(path, follow=True) for path in self.paths()}


@pytest.fixture
def site(author: User, contestant: User) -> Site:
    statements = [Statement("en", "Maths", MATHS), Statement("de", "Mathe", "<p>Drucke n + 1.</p>")]
    return Site(make_problem(author, "maths", statements_json=plain(statements)), contestant)


@pytest.fixture(params=["anonymous", "contestant"])
def pages(request: pytest.FixtureRequest, site: Site) -> dict[str, Page]:
    browser = Client()
    if request.param == "contestant":
        browser.force_login(site.contestant)
    return {path: Page.of(response) for path, response in site.pages(browser).items()}


def references(page: Page) -> list[str]:
    """Addresses of what the page loads from our static files."""
    loaded = page.all("script", "img", "iframe") + page.all("link")
    return [element.get("src") or element.get("href") or "" for element in loaded]


def test_static_files_all_come_from_the_cdn_where_there_is_one(site: Site, settings: Settings) -> None:
    settings.CDN_URL = CDN
    settings.STATIC_URL = f"{CDN}/static/"
    browser = Client()
    browser.force_login(site.contestant)
    for path, response in site.pages(browser).items():
        page = Page.of(response)
        assert len(references(page)) >= 5, path
        assert all(reference.startswith(f"{CDN}/static/") for reference in references(page)), path
        assert not re.search(r"""["'(]/static/""", page.html), path
        for directive in ("script-src", "style-src", "font-src", "img-src"):
            assert f"{directive} 'self' {CDN}" in response["Content-Security-Policy"], path


def test_static_files_that_pages_name_exist(pages: dict[str, Page]) -> None:
    named = {reference.removeprefix("/static/") for page in pages.values() for reference in references(page)}
    assert "js/poll.js" in named or "css/problem.css" in named
    assert not [name for name in named if finders.find(name) is None]


def test_nothing_is_inline(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert all(script.get("src") and not script.text for script in page.all("script")), path
        assert not page.all("style"), path
        for element in page.elements:
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")], path


def test_maths_are_loaded_only_where_there_are_some(pages: dict[str, Page]) -> None:
    with_katex = {path for path, page in pages.items() if "katex" in page.html}
    assert with_katex == {"/problems/maths/"}


def test_pages_are_named_and_structured(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert page.one("html")["lang"] == "en", path
        assert re.fullmatch(r"\S.* · Verdict", page.one("title").text), path
        assert page.one("h1").text, path
        assert page.one("main")["id"] == "main", path
        assert page.all("a")[0]["href"] == "#main", path
        ids = [element["id"] for element in page.elements if element.get("id")]
        assert len(set(ids)) == len(ids), path


def test_every_control_is_named(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        labels = {label["for"]: label.text for label in page.all("label")}
        for control in page.all("input", "select", "textarea"):
            if control.get("type") != "hidden":
                assert labels.get(control.get("id") or "") or control.get("aria-label"), (path, control)
        for element in page.all("button", "a"):
            assert element.text or element.get("aria-label"), (path, element)
        assert all(image.get("alt") is not None for image in page.all("img")), path
        assert all(frame.get("title") for frame in page.all("iframe")), path
        assert all(named(element) for element in page.all("progress", "nav", "aside")), path


def named(element: Element) -> bool:
    return bool(element.get("aria-label") or element.get("aria-labelledby"))


def test_changes_are_posted_with_a_token(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        for form in page.all("form"):
            inside = [element for element in page.all("input") if form in element.within]
            has_token = any(element.get("name") == "csrfmiddlewaretoken" for element in inside)
            assert has_token == (form["method"] == "post"), path


def test_the_page_one_is_on_is_marked(pages: dict[str, Page]) -> None:
    for path, name in [("/", "Problems"), ("/submissions/", "Submissions")]:
        assert [link.text for link in pages[path].all("a", aria_current="page")] == [name]


def test_colours_follow_the_system_until_somebody_chooses(site: Site) -> None:
    browser = Client()
    assert Page.of(browser.get("/")).one("html").get("data-theme") is None
    for theme in ("dark", "light"):
        response = browser.post("/theme/", {"theme": theme, "next": "/submissions/?verdict=AC"})
        assert response["Location"] == "/submissions/?verdict=AC"
        for path, answer in site.pages(browser).items():
            page = Page.of(answer)
            assert page.one("html")["data-theme"] == theme, path
            assert page.one("meta", name="color-scheme")["content"] == theme, path
            assert page.one("button", name="theme", aria_pressed="true")["value"] == theme, path
            assert "Cookie" in answer["Vary"], path
    browser.post("/theme/", {"theme": ""})
    assert Page.of(browser.get("/")).one("html").get("data-theme") is None


@pytest.mark.parametrize("theme", ["purple", '"><script>'])
def test_colours_that_there_are_none_of_are_the_systems(theme: str, db: None) -> None:
    browser = Client()
    browser.post("/theme/", {"theme": theme})
    browser.cookies["theme"] = theme
    page = Page.of(browser.get("/"))
    assert page.one("html").get("data-theme") is None
    assert page.one("button", name="theme", aria_pressed="true")["value"] == ""


@pytest.mark.parametrize("path", ["/theme/", "/language/"])
@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "http:///"]
)
def test_switches_lead_to_no_other_site(path: str, address: str, db: None) -> None:
    response = Client().post(path, {"theme": "dark", "language": "en", "next": address})
    assert response["Location"] == "/"


def test_the_colours_are_changed_by_posting_only(db: None) -> None:
    assert Client().get("/theme/?theme=dark").status_code == 405


def test_the_api_has_colours_too(db: None) -> None:
    browser = Client()
    assert Page.of(browser.get("/api/docs/")).one("html").get("data-theme") is None
    browser.cookies["theme"] = "dark"
    page = Page.of(browser.get("/api/docs/"))
    assert page.one("html")["data-theme"] == "dark"
    assert page.one("a")["href"] == "/"


def test_pages_speak_the_language_that_is_asked_for_or_chosen(site: Site) -> None:
    browser = Client(headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    for path, answer in site.pages(browser).items():
        assert Page.of(answer).one("html")["lang"] == "zh-hans", path
        assert {"Cookie", "Accept-Language"} <= {name.strip() for name in answer["Vary"].split(",")}, path
    assert browser.post("/language/", {"language": "en", "next": "/submissions/"})["Location"] == "/submissions/"
    for path, answer in site.pages(browser).items():
        page = Page.of(answer)
        assert page.one("html")["lang"] == "en", path
        assert page.one("button", name="language", aria_pressed="true").text == "English", path


def test_a_page_is_in_chinese_wherever_its_texts_are_ours_or_allauths(db: None) -> None:
    page = Page.of(Client(headers={"Accept-Language": "zh-CN"}).get("/accounts/login/"))
    assert page.one("h1").text == "登录"
    assert {label.text for label in page.all("label")} == {"用户名或电子邮箱", "密码", "保持登录"}
    assert {button.text for button in page.all("button")} == {"登录", "自动", "浅色", "深色", "English", "简体中文"}


def test_a_language_that_there_is_none_of_is_english(db: None) -> None:
    browser = Client(headers={"Accept-Language": "xx"})
    assert Page.of(browser.get("/")).one("html")["lang"] == "en"


def test_without_a_sandbox_every_page_says_so(site: Site, settings: Settings) -> None:
    settings.SANDBOX = "process"
    for path, response in site.pages(Client()).items():
        assert "No sandbox." in Page.of(response).text, path


def test_with_a_sandbox_no_page_warns(pages: dict[str, Page]) -> None:
    assert not [path for path, page in pages.items() if "No sandbox." in page.text]
