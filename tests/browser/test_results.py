"""What became of a submission, as its page tells it once it was followed to the end, or could not be."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from accounts.models import User
from execution.engine import TestOutcome
from execution.models import Submission
from execution.states import State
from execution.verdicts import Verdict
from tests.browser.test_pages import ACCEPTED, WRONG, Judge, OpenPage, follow, sign_in  # noqa: F401
from tests.factories import make_submission

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_static"),
]

Follow = Callable[..., tuple[Page, Judge]]
CRASHED = TestOutcome(1, Verdict.RE, 3, 8960, is_sample=True, detail="SIGSEGV", stderr=b"trouble\n")
POLLS = "**/api/submissions/**"


def heading(page: Page) -> Any:
    return page.locator("[data-part=heading]")


def is_as_wide_as_the_screen(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("width", [360, 1280])
def test_a_wrong_answer_shows_the_sample_and_where_it_differs(width: int, follow: Follow) -> None:  # noqa: F811
    page, judge = follow(width=width)
    judge.complete(Verdict.WA, WRONG, *ACCEPTED[1:])
    expect(heading(page)).to_have_text("WA · Wrong answer on test 1")
    expect(page.get_by_text("See the sample below.")).to_be_visible()
    expect(page.get_by_text("“2” was expected, “3” was printed")).to_be_visible()
    expect(page.locator("mark")).to_have_text(["2", "3"])
    expect(page.get_by_text("debug: n = 1")).to_be_visible()
    boxes = [page.get_by_role("heading", name=name, exact=True).bounding_box() for name in ("Expected", "Printed")]
    tops = {box["y"] for box in boxes if box}
    assert len(tops) == 1 or width < 1280
    assert is_as_wide_as_the_screen(page)


def test_a_crash_says_what_its_signal_means(follow: Follow) -> None:  # noqa: F811
    page, judge = follow()
    judge.complete(Verdict.RE, CRASHED)
    expect(heading(page)).to_have_text("RE · Runtime error on test 1")
    expect(page.get_by_text("stopped with SIGSEGV. It used memory that isn't its own")).to_be_visible()
    expect(page.get_by_text("trouble")).to_be_visible()


def test_a_compile_error_shows_the_compiler_s_words_and_no_tests(follow: Follow) -> None:  # noqa: F811
    page, judge = follow()
    judge.complete(Verdict.CE, words="main.py:1: <b>'(' was never closed</b>")
    expect(heading(page)).to_have_text("CE · Compile error")
    expect(page.get_by_text("main.py:1: <b>'(' was never closed</b>")).to_be_visible()
    expect(page.get_by_role("table")).to_be_hidden()


def test_where_nobody_judges_it_stops_asking_and_offers_to_go_on(
    open_page: OpenPage, live_server: Any, problem: Any, contestant: User
) -> None:
    submission = make_submission(problem, contestant)
    page = open_page()
    page.clock.install()
    sign_in(page, live_server.url, contestant)
    page.goto(f"{live_server.url}/submissions/{submission.pk}/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    for _ in range(30):
        with page.expect_response(POLLS):
            page.clock.run_for(1000)
    expect(heading(page)).to_have_text("No verdict yet")
    expect(page).to_have_title(re.compile("^No verdict yet"))
    expect(page.get_by_text("has stopped asking")).to_be_visible()
    page.clock.run_for(60_000)
    assert len(asked) == 30
    Judge(submission).complete(Verdict.AC, *ACCEPTED)
    page.get_by_role("button", name="Go on asking").click()
    page.clock.run_for(1000)
    expect(heading(page)).to_have_text("AC · Accepted")
    expect(page.get_by_text("has stopped asking")).to_be_hidden()


def test_who_goes_on_sees_where_it_stands(follow: Follow) -> None:  # noqa: F811
    page, judge = follow(allow="503")
    page.route(POLLS, lambda route: route.fulfill(status=503, headers={"Retry-After": "3600"}))
    expect(heading(page)).to_have_text("No verdict yet")
    page.unroute(POLLS)
    judge.move(state=State.RUNNING)
    page.get_by_role("button", name="Go on asking").click()
    expect(heading(page)).to_have_text("Being judged")
    expect(page.get_by_text("0 of 3 tests")).to_be_visible()


def test_whose_session_is_lost_may_log_in_again_and_comes_back(follow: Follow) -> None:  # noqa: F811
    page, judge = follow(allow="404")
    Session.objects.all().delete()
    expect(heading(page)).to_have_text("Not found")
    judge.complete(Verdict.AC, *ACCEPTED)
    page.get_by_role("link", name="Log in again").click()
    page.get_by_label("Username or email").fill("contestant")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    expect(heading(page)).to_have_text("AC · Accepted")


def test_where_the_details_can_not_be_had_the_verdict_is_told_all_the_same(follow: Follow) -> None:  # noqa: F811
    page, judge = follow(allow="503")
    page.route("**/result/", lambda route: route.fulfill(status=503))
    judge.complete(Verdict.WA, WRONG, *ACCEPTED[1:])
    expect(heading(page)).to_have_text("WA · Wrong answer")
    assert page.locator("tbody [data-cell=verdict]").all_inner_texts() == ["Wrong answer", "Accepted", "Accepted"]
    page.unroute("**/result/")
    page.get_by_role("link", name="Load the page again").click()
    expect(page.locator("mark")).to_have_text(["2", "3"])


def test_who_was_at_the_cancel_button_is_led_to_the_verdict(follow: Follow) -> None:  # noqa: F811
    page, judge = follow()
    page.get_by_role("button", name="Cancel this submission").focus()
    judge.complete(Verdict.AC, *ACCEPTED)
    expect(heading(page)).to_be_focused()


def test_without_scripts_the_page_comes_to_the_same_verdict(
    open_page: OpenPage, live_server: Any, problem: Any, contestant: User
) -> None:
    submission = make_submission(problem, contestant)
    page = open_page(scripts=False)
    sign_in(page, live_server.url, contestant)
    page.goto(f"{live_server.url}/submissions/{submission.pk}/")
    expect(heading(page)).to_have_text("Waiting in the queue")
    Judge(submission).complete(Verdict.WA, WRONG, *ACCEPTED[1:])
    expect(heading(page)).to_have_text("WA · Wrong answer on test 1")
    expect(page.locator("mark")).to_have_text(["2", "3"])
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()


def test_the_program_is_copied_as_it_was_sent(
    open_page: OpenPage, live_server: Any, problem: Any, contestant: User
) -> None:
    program = "x = '\u202e<&>' # \u200b\n\tif\n"
    submission = make_submission(problem, contestant, files=[{"name": "main.py", "content": program}])
    Judge(submission).complete(Verdict.AC, *ACCEPTED)
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, live_server.url, contestant)
    page.goto(f"{live_server.url}/submissions/{submission.pk}/")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == program.removesuffix("\n")


def test_two_of_the_list_are_compared(open_page: OpenPage, live_server: Any, problem: Any, contestant: User) -> None:
    for text in ("a = 1", "a = 2"):
        Judge(submission_of(problem, contestant, text)).complete(Verdict.AC, *ACCEPTED)
    page = open_page(width=360)
    sign_in(page, live_server.url, contestant)
    page.goto(f"{live_server.url}/submissions/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".removed")).to_contain_text("a = 1")
    expect(page.locator(".added")).to_contain_text("a = 2")
    assert is_as_wide_as_the_screen(page)


def submission_of(problem: Any, owner: User, text: str) -> Submission:
    return make_submission(problem, owner, files=[{"name": "main.py", "content": text}])
