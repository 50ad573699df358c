"""A problem's page in a real browser, on rows made for it: the editor, drafts, and what comes in the way of sending."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import FilePayload, Locator, Page, expect
from pytest_django import Settings

from accounts.models import User
from execution.engine import TestOutcome
from execution.models import Kind, Submission
from execution.states import State
from execution.verdicts import Verdict
from problems.content import Statement, plain
from problems.models import Problem
from tests.browser.test_pages import ACCEPTED, Judge, sign_in
from tests.factories import make_problem, make_submission

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_static"),
]

OpenPage = Callable[..., Page]
Work = Callable[..., Page]

WIDE = r"\frac{" + " + ".join(f"x_{{{i}}}" for i in range(30)) + "}{2}"
WIDE_STATEMENT = f"""
<p>Print <span class="math inline" data-tex="{WIDE}">…</span>, or
<span class="math display" data-tex="{WIDE}">…</span></p>
<table><tbody><tr>{"".join(f"<td>column{i}</td>" for i in range(20))}</tr></tbody></table>
"""


@pytest.fixture
def work(open_page: OpenPage, live_server: Any, problem: Problem, contestant: User) -> Work:
    """The problem's page, open in the contestant's browser."""

    def opened(**options: Any) -> Page:
        page = open_page(**options)
        sign_in(page, live_server.url, contestant)
        page.goto(f"{live_server.url}/problems/{problem.slug}/")
        return page

    return opened


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Program")


def put(page: Page, text: str) -> None:
    """In the place of what is there. `fill` would let Chromium copy the colours of it as styles, which are refused."""
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def judge_of_the_last() -> Judge:
    return Judge(Submission.objects.latest("created"))


def test_what_is_typed_is_sent_as_it_is(work: Work) -> None:
    page = work()
    editor(page).click()
    page.keyboard.type("if 1:\nprint((")  # a line that is indented by itself, two brackets that close
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    assert Submission.objects.get().files == [{"name": "main.py", "content": "if 1:\n    print(())"}]


def test_a_submission_is_followed_on_the_page_and_nothing_moves(work: Work) -> None:
    page = work()

    def places() -> Any:
        return page.evaluate(
            "[...document.querySelectorAll('h1, .task h2, #submit, .desk, .verdict-box')].map((e) => e.offsetTop)"
        )

    editor(page).fill("print(1)")
    before = places()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue: place 1")).to_be_visible()
    judge = judge_of_the_last()
    judge.move(state=State.RUNNING)
    judge.run(*ACCEPTED[:1])
    expect(page.get_by_text("Test 2 of 3")).to_be_visible()
    assert places() == before
    judge.complete(Verdict.WA, ACCEPTED[0], TestOutcome(2, Verdict.WA, 10, 9216))
    expect(page.get_by_role("status").get_by_text("Wrong answer on test 2")).to_be_visible()
    expect(page.get_by_text("It is a secret test")).to_be_visible()
    expect(page.get_by_text("10 ms, 9.3 MB")).to_be_visible()
    expect(page.locator("[data-part=details] .findings")).to_be_attached()
    assert places() == before
    page.get_by_role("link", name="All about this submission").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Submission to")


def test_a_failed_sample_is_shown_with_the_first_difference_marked(work: Work) -> None:
    page = work()
    editor(page).fill("print(3)")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    judge = judge_of_the_last()
    outcome = {"number": 1, "verdict": "WA", "timeMs": 5, "memoryKb": 9000, "isSample": True, "detail": ""}
    result = {"tests": [outcome | {"stdout": "3\n", "stderr": ""}], "total": 3, "compileOutput": ""}
    judge.move(state=State.COMPLETED, verdict=Verdict.WA, time_ms=5, memory_kb=9000, result=result)
    expect(page.get_by_text("Wrong answer on test 1")).to_be_visible()
    expect(page.get_by_text("See the sample below.")).to_be_visible()
    expect(page.locator("[data-part=details] mark")).to_have_text(["2", "3"])


def test_a_run_on_a_sample_stands_beside_what_was_expected(work: Work) -> None:
    page = work()
    editor(page).fill("print(3)")
    page.keyboard.press("Control+'")
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    judge = judge_of_the_last()
    assert (judge.submission.kind, judge.submission.input) == (Kind.RUN, "1\n")
    outcome = {"number": 1, "verdict": "AC", "timeMs": 5, "memoryKb": 9000, "isSample": False, "detail": ""}
    result = {"tests": [outcome], "total": 1, "compileOutput": "", "stdout": "3\n", "stderr": ""}
    judge.move(state=State.COMPLETED, time_ms=5, memory_kb=9000, result=result)
    expect(page.get_by_text("Ran to its end")).to_be_visible()
    assert page.locator(".panes h3").all_inner_texts() == ["Input", "Expected", "Printed"]
    assert page.locator(".panes pre").all_inner_texts() == ["1\n", "2\n", "3\n"]


def test_one_thing_is_sent_at_a_time(work: Work) -> None:
    page = work()
    editor(page).fill("print(1)")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Wait until what you sent last")).to_be_visible()
    assert Submission.objects.count() == 1


def test_who_waits_long_is_told_that_it_goes_on(work: Work) -> None:
    page = work()
    hint = page.get_by_text("This takes a while")
    editor(page).fill("print(1)")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue: place 1")).to_be_visible()
    expect(hint).to_be_hidden()
    page.clock.set_fixed_time(timezone.now() + timedelta(seconds=20))
    expect(hint).to_be_visible()
    judge_of_the_last().complete(Verdict.AC, *ACCEPTED)
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()
    expect(hint).to_be_hidden()


def test_it_says_that_it_stopped_and_goes_on_when_told(work: Work) -> None:
    page = work(allow="503")
    page.route("**/api/submissions/*/", lambda route: route.fulfill(status=503, headers={"Retry-After": "3600"}))
    editor(page).fill("print(1)")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("has stopped asking")).to_be_visible()
    page.unroute("**/api/submissions/*/")
    judge_of_the_last().complete(Verdict.AC, *ACCEPTED)
    page.get_by_role("button", name="Go on asking").click()
    expect(page.get_by_text("Accepted", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"SUBMISSIONS_PER_MINUTE": 1}, "You may submit 1 times a minute"),
        ({"QUEUE_LIMIT": 1}, "The queue is full just now"),
    ],
)
def test_a_refusal_costs_nothing_that_was_typed(
    limits: dict[str, int], words: str, work: Work, settings: Settings
) -> None:
    for name, value in limits.items():
        setattr(settings, name, value)
    page = work(allow="429|503")
    editor(page).fill("print(1)")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    page.reload()
    put(page, "print('kept')")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert").get_by_text(words)).to_be_visible()
    expect(editor(page)).to_have_text("print('kept')")
    page.reload()
    expect(editor(page)).to_have_text("print('kept')")


def test_a_server_that_does_not_answer_costs_nothing_either(work: Work) -> None:
    page = work(allow="ERR_FAILED")
    page.route("**/api/submissions/", lambda route: route.abort())
    editor(page).fill("print('kept')")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert").get_by_text("The server does not answer")).to_be_visible()
    page.reload()
    expect(editor(page)).to_have_text("print('kept')")


def test_a_session_that_is_over_is_told_and_the_program_waits_for_the_next(work: Work) -> None:
    page = work(allow="401")
    Session.objects.all().delete()
    editor(page).fill("print('kept')")
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("link", name="Log in and send it again").click()
    page.get_by_label("Username or email").fill("contestant")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    expect(editor(page)).to_have_text("print('kept')")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    assert Submission.objects.get().files[0]["content"] == "print('kept')"


def test_who_logs_in_again_in_another_tab_just_sends(work: Work, live_server: Any, contestant: User) -> None:
    """Logging in changes the token that a page's form came with."""
    page = work(allow="401")
    editor(page).fill("print(1)")
    other = page.context.new_page()
    other.goto(f"{live_server.url}/accounts/logout/")
    other.get_by_role("main").get_by_role("button", name="Log out").click()
    other.goto(f"{live_server.url}/accounts/login/")
    other.get_by_label("Username or email").fill("contestant")
    other.get_by_label("Password", exact=True).fill("correct horse battery")
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("button", name="Log out")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()


def test_somebody_else_does_not_find_the_draft(work: Work, live_server: Any, stranger: User) -> None:
    page = work()
    editor(page).fill("print('mine')")
    sign_in(page, live_server.url, stranger)
    page.reload()
    expect(editor(page)).to_have_text("")


def test_each_language_has_its_draft_and_the_last_is_remembered(work: Work, author: User, live_server: Any) -> None:
    make_problem(author, "another")
    page = work()
    language = page.get_by_role("combobox", name="Language")
    editor(page).fill("print(1)")
    language.select_option("c")
    expect(editor(page)).to_have_text("print(1)")  # it may have been pasted before
    put(page, "int main;")
    language.select_option("python3")
    expect(editor(page)).to_have_text("print(1)")
    language.select_option("c")
    page.goto(f"{live_server.url}/problems/another/")
    expect(language).to_have_value("c")
    expect(editor(page)).to_have_text("")
    page.go_back()
    expect(language).to_have_value("c")
    expect(editor(page)).to_have_text("int main;")


def test_what_is_changed_to_be_sent_again_leaves_the_draft_alone(
    work: Work, live_server: Any, problem: Problem, contestant: User
) -> None:
    sent = make_submission(problem, contestant, files=[{"name": "main.py", "content": "print('sent')"}])
    page = work()
    put(page, "print('draft')")
    page.goto(f"{live_server.url}/problems/{problem.slug}/?from={sent.pk}")
    language = page.get_by_role("combobox", name="Language")
    language.select_option("c")
    put(page, "int main;")
    language.select_option("python3")
    expect(editor(page)).to_have_text("print('sent')")
    put(page, "print('changed')")
    language.select_option("c")
    expect(editor(page)).to_have_text("int main;")
    language.select_option("python3")
    expect(editor(page)).to_have_text("print('changed')")
    page.reload()
    expect(editor(page)).to_have_text("print('changed')")
    editor(page).click()
    page.keyboard.press("Control+z")
    expect(editor(page)).to_have_text("print('sent')")
    page.goto(f"{live_server.url}/problems/{problem.slug}/")
    expect(editor(page)).to_have_text("print('draft')")


def test_two_tabs_go_on_together(work: Work, live_server: Any, problem: Problem) -> None:
    page = work()
    other = page.context.new_page()
    other.goto(f"{live_server.url}/problems/{problem.slug}/")
    put(page, "print(1)")
    expect(editor(other)).to_have_text("print(1)")
    put(other, "print(2)")
    expect(editor(page)).to_have_text("print(2)")
    for _ in ("it was cleared", "it was written anew"):
        page.keyboard.press("Control+z")  # nothing is lost for good
    expect(editor(page)).to_have_text("print(1)")
    expect(editor(other)).to_have_text("print(1)")


def test_a_file_is_put_into_the_editor_with_its_language(work: Work) -> None:
    page = work()
    editor(page).fill("int main() {}\n// and")
    source: FilePayload = {"name": "a.cpp", "mimeType": "", "buffer": b"int main() {}\r\n// and"}
    page.get_by_label("Or a file").set_input_files(source)
    expect(page.get_by_text("a.cpp is in the editor now.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Language")).to_have_value("cpp")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    assert Submission.objects.get().files == [{"name": "main.cpp", "content": "int main() {}\n// and"}]


def test_what_no_editor_shows_is_sent_as_it_is(work: Work) -> None:
    page = work(allow="400")
    editor(page).fill("print('kept')")
    page.get_by_label("Or a file").set_input_files({"name": "a.zip", "mimeType": "", "buffer": b"PK no zip"})
    expect(page.get_by_text("a.zip is sent as it is")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("not a sound zip file")).to_be_visible()
    expect(editor(page)).to_have_text("print('kept')")


def test_without_scripts_the_form_is_all_there_is(work: Work) -> None:
    page = work(scripts=False, allow="400")
    for name in ("Run", "Copy"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    editor(page).fill("print(1)")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()


def test_tab_indents_until_escape_lets_it_leave(work: Work) -> None:
    page = work()
    editor(page).click()
    page.keyboard.press("Tab")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Submit")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(editor(page)).to_be_focused()
    page.keyboard.type("x")
    page.keyboard.press("Tab")
    expect(editor(page)).to_be_focused()


def test_the_label_leads_into_the_editor(work: Work) -> None:
    page = work()
    page.locator("label", has_text="Program").click()
    expect(editor(page)).to_be_focused()


def test_samples_can_be_copied(work: Work) -> None:
    page = work()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "1\n"


def test_what_is_wider_than_a_phone_is_scrolled_in_its_box(open_page: OpenPage, live_server: Any, author: User) -> None:
    make_problem(author, statements_json=plain([Statement("en", "Wide", WIDE_STATEMENT)]))
    page = open_page(360)
    page.goto(f"{live_server.url}/problems/next-number/")
    boxes = page.locator(".statement [tabindex='0']")
    expect(boxes).to_have_count(3)
    for box in boxes.all():
        box.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_paper_there_is_the_statement_and_nothing_else(work: Work) -> None:
    page = work()
    page.emulate_media(media="print")
    for shown in (page.locator(".statement"), page.locator(".sample")):
        expect(shown).to_be_visible()
    for hidden in (page.locator(".submit"), page.locator("header.site"), page.locator(".sample button").first):
        expect(hidden).to_be_hidden()
