"""Debian's Chromium, driven by Playwright, on pages of our own.

A page that breaks its Content-Security-Policy, throws, or logs an error fails the test that opened it.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from pytest_django import Settings

from tests.browser.chromium import CHROMIUM, OPTIONS

ROOT = Path(__file__).resolve().parents[2]
expect.set_options(timeout=15_000)  # ms
START_SECONDS = 300  # a first start builds the runner image
STOP_SECONDS = 20
WAIT_MS = 15_000  # for what should be on a page by now


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Playwright's loop runs in this very thread, which Django would take for a mistake."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=OPTIONS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser of its own: open_page(width=360, scripts=False, allow="404")."""
    complaints: list[str] = []
    contexts = []

    def opened(width: int = 1280, *, scripts: bool = True, allow: str = "(?!)") -> Page:
        def listen(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not re.search(allow, message.text):
                complaints.append(message.text)

        context = chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def plain_static(settings: Settings) -> None:
    """Static files straight from where they are written, without the manifest that `collectstatic` makes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(scope="session")
def verdict_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory in which `verdict` lives."""
    return tmp_path_factory.mktemp("up") / "var"


@pytest.fixture(scope="session")
def verdict(verdict_home: Path) -> Iterator[str]:
    """The address of the whole product, started as anybody would start it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST", "LANG") if name in os.environ}
    log = verdict_home.with_name("said")
    command = ["script/up", "--no-install", "--port", "0", "--var", str(verdict_home)]
    with log.open("w") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=kept, stdout=said, stderr=said)
    try:
        yield _address(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    """Where it says it is, once it does."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if found := re.search(r"Verdict is at (http://\S+)/", said.read_text()):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"script/up did not come up:\n{said.read_text()}")
