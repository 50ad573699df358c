"""The authors' way in a real browser: upload, run the tagged submissions, edit the statement beside its preview."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from playwright.sync_api import Dialog, Page, expect

from accounts.models import User
from execution.models import Judgement
from execution.states import State
from problems.models import Problem, ProblemVersion
from tests.browser.test_pages import sign_in
from tests.problems.building import as_zip, dated

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_static"),
]

OpenPage = Callable[..., Page]

PACKAGE = dated() | {
    "problem.yaml": "name: Next\nmood: good\nlimits: {time_limit: 1}\n",
    "statement/problem.en.md": "Print $n + 1$.\n",
    "submissions/wrong_answer/a-name-that-is-rather-long-for-a-small-screen.py": "print(0)\n",
}
TEST = {"number": 1, "verdict": "WA", "timeMs": 12, "memoryKb": 9000, "isSample": True, "detail": ""}


@pytest.fixture
def open_as_author(open_page: OpenPage, live_server: Any, author: User) -> OpenPage:
    author.user_permissions.add(Permission.objects.get(codename="add_problem"))

    def opened(**options: Any) -> Page:
        page = open_page(**options)
        sign_in(page, live_server.url, author)
        page.goto(f"{live_server.url}/authors/")
        return page

    return opened


def upload(page: Page, package: Path) -> None:
    page.get_by_role("link", name="Upload a package").click()
    page.get_by_label("Package").set_input_files(package)
    page.get_by_role("button", name="Import").click()


@pytest.mark.parametrize("options", [{}, {"width": 360}, {"scripts": False}])
def test_an_upload_is_published_and_its_statement_edited(
    open_as_author: OpenPage, tmp_path: Path, options: dict[str, Any]
) -> None:
    page = open_as_author(**options)
    upload(page, as_zip(PACKAGE, tmp_path / "next.zip"))
    expect(page.get_by_text("mood is not known")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The problem is published.")).to_be_visible()
    page.get_by_role("link", name="Edit the statement").click()
    page.get_by_label("Source").fill("Print it *at once*.")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("saved as version 2")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the package").click()
    assert download.value.suggested_filename == "next.zip"
    page.get_by_role("link", name="See it as readers do").click()
    expect(page.locator("article em")).to_have_text("at once")


def test_a_preview_follows_the_typing_with_its_maths(open_as_author: OpenPage, tmp_path: Path) -> None:
    page = open_as_author()
    upload(page, as_zip(PACKAGE, tmp_path / "next.zip"))
    page.get_by_role("link", name="Edit the statement").click()
    expect(page.locator("article .katex")).to_have_count(1)
    page.get_by_label("Source").press_sequentially(r"Also $\sqrt{2}$ and *that*. ")
    expect(page.locator("article em")).to_have_text("that")
    expect(page.locator("article .katex")).to_have_count(2)
    page.get_by_label("Source").fill("[x](javascript:alert(1))")
    expect(page.get_by_text("This text would be refused")).to_be_visible()
    assert ProblemVersion.objects.count() == 1


def test_what_is_not_saved_is_asked_about_also_after_a_preview(open_as_author: OpenPage, tmp_path: Path) -> None:
    page = open_as_author()
    upload(page, as_zip(PACKAGE, tmp_path / "next.zip"))
    page.get_by_role("link", name="Edit the statement").click()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_label("Source").fill("More *yet*.")
    with page.expect_navigation():
        page.get_by_role("button", name="Preview").click()
    expect(page.locator("article em")).to_have_text("yet")
    assert not asked
    page.get_by_label("Source").click()  # a browser asks for whoever has done something there
    page.get_by_role("link", name="Help").first.click()
    page.wait_for_url("**/help/")
    assert asked == ["beforeunload"]


def test_a_preview_says_when_it_is_old(open_as_author: OpenPage, tmp_path: Path) -> None:
    page = open_as_author(allow="401|403|Failed to load")
    upload(page, as_zip(PACKAGE, tmp_path / "next.zip"))
    page.get_by_role("link", name="Edit the statement").click()
    page.context.clear_cookies()
    page.get_by_label("Source").fill("More.")
    expect(page.get_by_text("The preview is old")).to_be_visible()


def test_the_table_follows_the_judges(open_as_author: OpenPage, tmp_path: Path) -> None:
    page = open_as_author()
    upload(page, as_zip(PACKAGE, tmp_path / "next.zip"))
    page.get_by_role("button", name="Run them").click()
    expect(page.get_by_role("cell", name="waiting in the queue")).to_have_count(2)
    judgements = Judgement.objects.order_by("submission__jury_path")
    judgements.update(state=State.RUNNING)
    expect(page.get_by_role("cell", name="being judged")).to_have_count(2)
    Judgement.objects.update(
        state=State.COMPLETED, verdict="WA", finished_at=timezone.now(), time_ms=12, result={"tests": [TEST]}
    )
    expect(page.get_by_text("1 of 2 did not do what its tag says.")).to_be_visible()
    expect(page.get_by_role("cell", name="✗ differs")).to_be_visible()
    expect(page.get_by_role("button", name="Run them again")).to_be_visible()


def test_nothing_sticks_out_of_a_small_screen(open_as_author: OpenPage, tmp_path: Path, live_server: Any) -> None:
    page = open_as_author(width=360)
    upload(page, as_zip(PACKAGE, tmp_path / "next.zip"))
    expect(page.get_by_role("button", name="Publish")).to_be_visible()
    assert Problem.objects.count() == 1
    for path in ("", "upload/", "problems/next/", "problems/next/upload/", "problems/next/statement/en/"):
        page.goto(f"{live_server.url}/authors/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
