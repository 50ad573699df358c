"""The whole way, as somebody new walks it: sign up, open a problem, submit, see the verdict."""

import re
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from launcher import processes
from launcher.home import Home

pytestmark = pytest.mark.browser

RIGHT = "print(sum(map(int, input().split())))\n"
VERDICT_MS = 30_000


class Hand:
    """Finds its way by the mouse. Every page that it opens has to fit the screen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def press(self, button: Locator) -> None:
        button.click()

    def open(self, link: Locator, address: str) -> None:
        """Press what leads to another page, and wait until that is there with its scripts."""
        self.press(link)
        self.page.wait_for_url(address)
        self.assert_fits()

    def assert_fits(self) -> None:
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width, self.page.url


class Keys(Hand):
    """Finds it by the keyboard."""

    def fill(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Escape")  # or Tab would stay in the editor
        expect(field).to_be_focused()

    def press(self, button: Locator) -> None:
        self._reach(button)
        self.page.keyboard.press("Enter")

    def _reach(self, place: Locator) -> None:
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if place.evaluate("element => element.getRootNode().activeElement === element"):
                return
        raise AssertionError(f"Tab never leads to {place}")


def sign_up(hand: Hand, address: str) -> None:
    page = hand.page
    page.goto(address)
    hand.assert_fits()
    hand.open(page.get_by_role("link", name="Sign up"), "**/accounts/signup/**")
    hand.fill(page.get_by_label("Username"), f"reader-{secrets.token_hex(4)}")
    for label in ("Password", "Password, once more"):
        hand.fill(page.get_by_label(label, exact=True), "correct horse battery")
    hand.press(page.get_by_role("button", name="Sign up"))
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    hand.assert_fits()


def open_problem(hand: Hand) -> None:
    hand.open(hand.page.get_by_role("link", name="A + B", exact=True), "**/problems/*/")


def submit(hand: Hand, program: str) -> None:
    open_problem(hand)
    hand.fill(hand.page.get_by_role("textbox", name="Program"), program)
    hand.press(hand.page.get_by_role("button", name="Submit"))


def verdicts_of(page: Page) -> list[str]:
    return page.locator("tbody [data-cell=verdict]").all_inner_texts()


@pytest.mark.parametrize(
    ("make_hand", "width", "scripts"),
    [(Hand, 1280, True), (Hand, 360, True), (Keys, 1280, True), (Hand, 1280, False)],
    ids=["mouse", "phone", "keyboard", "no scripts"],
)
def test_a_right_program_is_accepted(
    make_hand: type[Hand], width: int, scripts: bool, verdict: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(width, scripts=scripts)
    hand = make_hand(page)
    sign_up(hand, verdict)
    submit(hand, RIGHT)
    if scripts:
        expect(page.get_by_text("Accepted", exact=True)).to_be_visible(timeout=VERDICT_MS)
        expect(page).to_have_title(re.compile("^Accepted"))
        hand.assert_fits()
        hand.open(page.get_by_role("link", name="All about this submission"), "**/submissions/*/")
    expect(page.get_by_text("AC · Accepted")).to_be_visible(timeout=VERDICT_MS)
    hand.assert_fits()
    assert set(verdicts_of(page)) == {"Accepted"}
    hand.open(page.get_by_role("link", name="Submissions"), "**/submissions/")
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
    hand = Hand(page)
    sign_up(hand, verdict)
    submit(hand, program)
    expect(page.get_by_text(words)).to_be_visible(timeout=VERDICT_MS)
    expect(page.locator(".findings .panes h3")).to_have_text(shown)
    expect(page.get_by_role("heading", name="Compiler")).to_be_visible(visible=words == "Compile error")
    hand.assert_fits()


def test_a_run_shows_what_the_program_prints(verdict: str, open_page: Callable[..., Page]) -> None:
    page = open_page()
    sign_up(Hand(page), verdict)
    open_problem(Hand(page))
    page.get_by_role("textbox", name="Program").fill(RIGHT)
    page.get_by_label("on", exact=True).select_option("Your own input")
    page.get_by_label("Your own input", exact=True).fill("40 2\n")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Ran to its end")).to_be_visible(timeout=VERDICT_MS)
    assert page.locator(".panes pre").all_inner_texts() == ["40 2\n", "42\n"]


@contextmanager
def stopped(home: Path, role: str) -> Iterator[None]:
    """Let one of the instance's services stand still."""
    members = processes.in_roles(Home(home).instance, [role])
    assert members
    processes.send(signal.SIGSTOP, members)
    try:
        yield
    finally:
        processes.send(signal.SIGCONT, members)


@pytest.mark.full
def test_who_waits_for_judges_that_stand_still_is_told_so(
    verdict: str, verdict_home: Path, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    sign_up(Hand(page), verdict)
    with stopped(verdict_home, "judge"):
        submit(Hand(page), RIGHT)
        expect(page.get_by_text("Waiting in the queue: place 1")).to_be_visible()
        expect(page.get_by_text("This takes a while")).to_be_visible()
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible(timeout=VERDICT_MS)


@pytest.mark.full
def test_without_redis_it_is_taken_and_judged_afterwards(
    verdict: str, verdict_home: Path, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    sign_up(Hand(page), verdict)
    with stopped(verdict_home, "judge"), stopped(verdict_home, "valkey"):  # a judge might find it by itself
        submit(Hand(page), RIGHT)
        expect(page.get_by_text("Waiting in the queue: place 1")).to_be_visible(timeout=5000)
        page.reload()
        expect(page.get_by_role("heading", name="Your latest submissions")).to_be_visible(timeout=5000)
        page.locator(".submit li a").first.click()
        expect(page.get_by_role("status").get_by_text("Waiting in the queue")).to_be_visible(timeout=5000)
    expect(page.get_by_text("AC · Accepted")).to_be_visible(timeout=VERDICT_MS)
