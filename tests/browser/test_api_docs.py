"""The API's page for people, under our Content-Security-Policy."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.usefixtures("plain_static")
def test_the_console_has_nothing_to_say(open_page: Callable[..., Page], live_server: LiveServer) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/api/docs/")
    page.locator(".opblock-post .opblock-summary").first.click()
    page.get_by_text("X-RateLimit-Remaining").first.wait_for()
