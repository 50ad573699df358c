"""The whole way, as somebody new walks it: sign up, open a problem, submit, see the verdict."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

RIGHT = "print(sum(map(int, input().split())))\n"
VERDICT_MS = 30_000


def sign_up(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Username").fill(f"reader-{secrets.token_hex(4)}")
    for label in ("Password", "Password, once more"):
        page.get_by_label(label, exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def open_problem(page: Page) -> None:
    page.get_by_role("link", name="Problems").click()
    page.get_by_role("link", name="A + B", exact=True).click()
    page.wait_for_url("**/problems/*/")  # and its scripts


def submit(page: Page, program: str) -> None:
    open_problem(page)
    page.get_by_role("textbox", name="Program").fill(program)
    page.get_by_role("button", name="Submit").click()


def verdicts_of(page: Page) -> list[str]:
    return page.locator("tbody [data-cell=verdict]").all_inner_texts()


def test_a_right_program_is_accepted(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_up(page, verdict)
    submit(page, RIGHT)
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible(timeout=VERDICT_MS)
    expect(page).to_have_title(re.compile("^Accepted"))
    page.get_by_role("link", name="All about this submission").click()
    expect(page.get_by_text("AC · Accepted")).to_be_visible()
    assert set(verdicts_of(page)) == {"Accepted"}
    page.get_by_role("link", name="Submissions").click()
    expect(page.locator("tbody tr").first).to_contain_text("AC · Accepted")


@pytest.mark.parametrize(
    ("program", "words", "shown"),
    [
        ("print(0)\n", "Wrong answer on test 1", ["Input", "Expected", "Printed"] * 2),  # on both samples
        ("print(", "Compile error", []),
        ("while True: pass\n", "Time limit exceeded on test 1", ["Input", "Expected", "Printed"]),
    ],
)
def test_a_wrong_program_is_told_what_is_wrong(
    program: str, words: str, shown: list[str], verdict: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=360)
    sign_up(page, verdict)
    submit(page, program)
    expect(page.get_by_text(words)).to_be_visible(timeout=VERDICT_MS)
    expect(page.locator(".findings .panes h3")).to_have_text(shown)
    expect(page.get_by_role("heading", name="Compiler")).to_be_visible(visible=words == "Compile error")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_run_shows_what_the_program_prints(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_up(page, verdict)
    open_problem(page)
    page.get_by_role("textbox", name="Program").fill(RIGHT)
    page.get_by_label("on", exact=True).select_option("Your own input")
    page.get_by_label("Your own input", exact=True).fill("40 2\n")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Ran to its end")).to_be_visible(timeout=VERDICT_MS)
    assert page.locator(".panes pre").all_inner_texts() == ["40 2\n", "42\n"]


def test_the_keyboard_alone_is_enough(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_up(page, verdict)
    open_problem(page)
    editor = page.get_by_role("textbox", name="Program")
    press_until(page, "Tab", editor)
    page.keyboard.insert_text("if True:")
    page.keyboard.press("Enter")  # which indents
    page.keyboard.insert_text(RIGHT)
    press_until(page, "Escape", editor)
    press_until(page, "Tab", page.get_by_role("button", name="Submit"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible(timeout=VERDICT_MS)


def press_until(page: Page, key: str, place: Locator) -> None:
    """Press the key, 40 times at most, until the focus is there."""
    for _ in range(40):
        page.keyboard.press(key)
        if place.evaluate("element => element.getRootNode().activeElement === element"):
            return
    raise AssertionError(f"{key} never leads there")


def test_it_all_works_without_scripts(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page(scripts=False)
    sign_up(page, verdict)
    submit(page, RIGHT)
    expect(page.get_by_text("AC · Accepted")).to_be_visible(timeout=VERDICT_MS)
    assert set(verdicts_of(page)) == {"Accepted"}
