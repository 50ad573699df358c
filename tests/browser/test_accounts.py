"""Signing up and in, by keyboard alone, and the switches of the frame, with JavaScript and without."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_static"),
]

OpenPage = Callable[..., Page]
PASSWORD = "correct horse battery"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim().split('\\n')"
        ):
            return
    raise AssertionError(f"Tab does not reach {name!r}")


def test_one_signs_up_by_keyboard_and_is_led_back(open_page: OpenPage, live_server: Any) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/submissions/?verdict=AC")
    tab_to(page, "Sign up")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign up")).to_be_visible()
    for label, value in (("Username", "ada"), ("Password", PASSWORD), ("Password, once more", PASSWORD)):
        tab_to(page, label)
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/submissions/?verdict=AC")
    expect(page.locator("header")).to_contain_text("ada")
    assert User.objects.get().username == "ada"


def test_who_is_no_longer_signed_in_comes_back_to_where_they_were(
    open_page: OpenPage, live_server: Any, contestant: User
) -> None:
    page = open_page(scripts=False)
    page.goto(f"{live_server.url}/accounts/tokens/")
    page.get_by_label("Username or email").fill("contestant")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("What it is for").fill("my bot")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Username or email").fill("contestant")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/accounts/tokens/")
    expect(page.get_by_text("You have no tokens.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_colours_and_language_are_chosen_and_remembered(
    scripts: bool, open_page: OpenPage, live_server: Any, contestant: User
) -> None:
    page = open_page(360, scripts=scripts)
    page.goto(f"{live_server.url}/submissions/?user=contestant")
    assert background(page) == "rgb(251, 251, 250)"
    page.get_by_role("button", name="Dark").click()
    page.wait_for_url("**/submissions/?user=contestant")
    assert background(page) == "rgb(21, 24, 27)"
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("button", name="深色")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{live_server.url}/accounts/login/")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert background(page) == "rgb(21, 24, 27)"
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="System").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert background(page) == "rgb(251, 251, 250)"


def test_colours_follow_the_system_where_nobody_chose(open_page: OpenPage, live_server: Any) -> None:
    page = open_page()
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.goto(f"{live_server.url}/")
    assert background(page) == "rgb(21, 24, 27)"
    page.goto(f"{live_server.url}/api/docs/")
    expect(page.locator("html")).to_have_class("dark-mode")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).not_to_have_class("dark-mode")
    page.get_by_role("link", name="Verdict").first.click()
    page.wait_for_url(f"{live_server.url}/")


def test_a_long_name_leaves_the_header_whole(open_page: OpenPage, live_server: Any, contestant: User) -> None:
    User.objects.update(username="w" * 150)
    page = open_page(360, scripts=False)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_label("Username or email").fill("w" * 150)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        name = page.locator(".account .name").bounding_box()
        leave = page.get_by_role("button", name="Log out").bounding_box()
        assert name
        assert leave
        assert abs(name["y"] - leave["y"]) < 10, "in one row"
        assert leave["x"] + leave["width"] <= width


def background(page: Page) -> str:
    return str(page.locator("html").evaluate("(root) => getComputedStyle(root).backgroundColor"))
