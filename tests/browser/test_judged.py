"""The whole way, as somebody new walks it: sign up, open a problem, submit, see the verdict."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

RIGHT = "print(sum(map(int, input().split())))\n"
WRONG = "print(0)\n"
VERDICT_MS = 30_000


def sign_up(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Username").fill(f"reader-{secrets.token_hex(4)}")
    for label in ("Password", "Password, once more"):
        page.get_by_label(label, exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def submit(page: Page, program: str) -> None:
    page.get_by_role("link", name="Problems").click()
    page.get_by_role("link", name="A + B", exact=True).click()
    page.get_by_label("Program").fill(program)
    page.get_by_role("button", name="Submit").click()


def verdicts_of(page: Page) -> list[str]:
    return page.locator("tbody [data-cell=verdict]").all_inner_texts()


def test_a_right_program_is_accepted(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_up(page, verdict)
    submit(page, RIGHT)
    expect(page.get_by_text("AC · Accepted")).to_be_visible(timeout=VERDICT_MS)
    expect(page).to_have_title(re.compile("^AC · Accepted"))
    assert set(verdicts_of(page)) == {"Accepted"}
    page.get_by_role("link", name="Submissions").click()
    expect(page.locator("tbody tr").first).to_contain_text("AC · Accepted")


def test_a_wrong_program_is_not(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page(width=360)
    sign_up(page, verdict)
    submit(page, WRONG)
    expect(page.get_by_text("WA · Wrong answer")).to_be_visible(timeout=VERDICT_MS)
    assert "Wrong answer" in verdicts_of(page)


def test_it_all_works_without_scripts(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page(scripts=False)
    sign_up(page, verdict)
    submit(page, RIGHT)
    expect(page.get_by_text("AC · Accepted")).to_be_visible(timeout=VERDICT_MS)
    assert set(verdicts_of(page)) == {"Accepted"}
