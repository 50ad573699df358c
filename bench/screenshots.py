"""Pictures of the main pages, in light and in dark, wide and narrow: NAME-light-1280.png and so on.

Starts an instance of its own, on which three users have submitted programs. The exit status is 1 if a page has to be
scrolled sideways. Needs Chromium, and a font with Chinese characters, such as Debian's fonts-wqy-microhei.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.instance import Instance, instance
from bench.rest import Site
from launcher.home import ROOT
from tests.browser.chromium import CHROMIUM, OPTIONS

READER, PASSWORD = "ada", "correct horse battery"
SHOWN = "boxedbrackets"  # a problem
# Who submits what of the examples' programs, one after the other.
PROGRAMS = [
    ("grace", "aplusb", "accepted/sum.py"),
    ("grace", "boxedbrackets", "accepted/stack.py"),
    ("grace", "tidyshelf", "wrong_answer/greedy.py"),
    ("grace", "tidyshelf", "accepted/piles.py"),
    ("alan", "busiesthours", "time_limit_exceeded/each_stretch.py"),
    ("alan", "busiesthours", "accepted/sliding.py"),
    ("alan", "twosprinklers", "run_time_error/always_crossing.py"),
    (READER, "aplusb", "accepted/bits.py"),
    (READER, "busiesthours", "accepted/prefix_sums.py"),
    (READER, SHOWN, "run_time_error/recursive.py"),
    (READER, SHOWN, "wrong_answer/counting.py"),  # the last one is shown
]
SET_PASSWORD = f"from accounts.models import User; u = User.objects.get(username={READER!r}); "
SET_PASSWORD += f"u.set_password({PASSWORD!r}); u.save()"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS, HEIGHT = (1280, 360), 800


def main() -> int:
    to = _options().to
    to.mkdir(parents=True, exist_ok=True)
    with instance(SUBMISSIONS_PER_MINUTE="0") as up, chromium() as browser:
        up.settle()
        pages = main_pages(populate(up))
        wide = [words for page, look in looks(browser, up.url) for words in photograph(page, pages, to, look)]
    for words in wide:
        print(words, file=sys.stderr)
    return 1 if wide else 0


def main_pages(submission: str) -> dict[str, str]:
    """Their paths by the names of their pictures; `submission` is the path of one, which is in the editor, too."""
    return {
        "list": "/",
        "problem": f"/problems/{SHOWN}/?from={submission.split('/')[-2]}",
        "submission": submission,
        "submissions": "/submissions/",
        "profile": f"/users/{READER}/",
        "ranking": "/ranking/",
    }


def populate(up: Instance) -> str:
    """Have programs judged, and let the reader log in. The path of the page of the last submission."""
    sites = {name: Site(up.url, up.manage("api_token", name)) for name in {who for who, *_ in PROGRAMS}}
    path = ""
    for who, problem, program in PROGRAMS:
        code = (ROOT / "examples" / problem / "submissions" / program).read_text()
        path, _ = sites[who].submit(problem, code)
        sites[who].wait(path)
    up.manage("recount")  # the maintenance worker would, in a while
    up.manage("shell", "--verbosity=0", "--command", SET_PASSWORD)
    return path.removeprefix("/api")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=OPTIONS)
        yield browser
        browser.close()


def looks(browser: Browser, url: str) -> Iterator[tuple[Page, str]]:
    """A page on which the reader is logged in, for each theme and width, and what its pictures' names end with."""
    for theme in THEMES:
        for width in WIDTHS:
            viewport: ViewportSize = {"width": width, "height": HEIGHT}
            with browser.new_context(base_url=url, viewport=viewport, color_scheme=theme) as context:
                page = context.new_page()
                page.goto("/accounts/login/")
                page.fill("[name=login]", READER)
                page.fill("[name=password]", PASSWORD)
                page.keyboard.press("Enter")
                page.wait_for_url("/")
                yield page, f"{theme}-{width}"


def photograph(page: Page, pages: dict[str, str], to: Path, look: str) -> Iterator[str]:
    """Write a picture of each; says of which ones that they are too wide."""
    for name, path in pages.items():
        page.goto(path, wait_until="networkidle")  # the editor and the maths come by script
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            yield f"{name}-{look}: {path} has to be scrolled sideways"
        page.screenshot(path=to / f"{name}-{look}.png")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screenshots", help="directory (docs/screenshots)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
