"""Pages in a real browser, on rows made for them: what polling shows, and what fits on a screen."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from knox.models import AuthToken
from playwright.sync_api import Page, expect

from accounts.models import User
from execution import presentation
from execution.engine import TestOutcome
from execution.models import Judgement, Submission
from execution.states import State
from execution.verdicts import Verdict
from problems import blobs
from problems.content import Asset, Statement, plain
from tests.factories import make_problem, make_submission

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_static"),
]

OpenPage = Callable[..., Page]

MATHS = r"""
<p>Print <span class="math inline" data-tex="\sqrt{n} + 1">√n + 1</span>, where
<span class="math display" data-tex="n = \sum_{i=1}^{k} \left\lfloor \frac{x_i}{2} \right\rfloor">n = Σ ⌊x/2⌋</span> and
<span class="math inline" data-tex="\frac{">as it is</span>.</p>
"""

# The smallest that viewers take: one empty page.
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
"""


class Judge:
    """Moves a submission on, as the workers would."""

    def __init__(self, submission: Submission) -> None:
        assert submission.current
        self.submission, self.judgement = submission, submission.current

    def move(self, **fields: Any) -> None:
        Judgement.objects.filter(pk=self.judgement.pk).update(**fields)
        presentation.publish(self.submission.pk)

    def run(self, *outcomes: TestOutcome) -> None:
        presentation.ProgressShow(self.judgement, 3).update(outcomes)

    def complete(self, verdict: Verdict, *outcomes: TestOutcome, words: str = "") -> None:
        self.move(
            state=State.COMPLETED,
            verdict=verdict,
            time_ms=max((outcome.time_ms for outcome in outcomes), default=None),
            memory_kb=max((outcome.memory_kb for outcome in outcomes), default=None),
            result={
                "tests": [kept(outcome) for outcome in outcomes],
                "total": 3,
                "compileOutput": words,
            },
        )


def kept(outcome: TestOutcome) -> dict[str, Any]:
    """As results keep it: with what was printed on a sample."""
    printed = {"stdout": outcome.stdout.decode(), "stderr": outcome.stderr.decode()}
    return presentation.test_body(outcome) | (printed if outcome.is_sample else {})


ACCEPTED = [TestOutcome(number, Verdict.AC, 10 * number, 9216 + 256 * number, number == 1) for number in (1, 2, 3)]
WRONG = TestOutcome(1, Verdict.WA, 12, 9300, is_sample=True, stdout=b"3\n", stderr=b"debug: n = 1\n")
CRASHED = TestOutcome(2, Verdict.RE, 3, 8960, detail="exit code 1")


@pytest.fixture
def follow(open_page: OpenPage, live_server: Any, problem: Any, contestant: User) -> Callable[..., tuple[Page, Judge]]:
    """A queued submission's page, open in its sender's browser, and its judge."""

    def opened(**options: Any) -> tuple[Page, Judge]:
        submission = make_submission(problem, contestant)
        page = open_page(**options)
        sign_in(page, live_server.url, contestant)
        page.goto(f"{live_server.url}/submissions/{submission.pk}/")
        return page, Judge(submission)

    return opened


def sign_in(page: Page, address: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


def looks(page: Page) -> Any:
    """What the reader sees of the result, with every attribute that changes its looks."""
    return page.evaluate(
        """() => [document.title, ...[...document.querySelectorAll(".judging *")]
            .filter((element) => !element.closest("noscript, template, [hidden]"))
            .map((element) => [element.tagName, element.dataset.verdict ?? null, element.className,
                element.children.length ? null : element.textContent.trim()])]"""
    )


ENDINGS: dict[str, Callable[[Judge], None]] = {
    "accepted": lambda judge: judge.complete(Verdict.AC, *ACCEPTED),
    "wrong on a sample": lambda judge: judge.complete(Verdict.WA, WRONG, *ACCEPTED[1:]),
    "crashed": lambda judge: judge.complete(Verdict.RE, ACCEPTED[0], CRASHED),
    "not compiled": lambda judge: judge.complete(Verdict.CE, words="<b>'(' was never closed</b>"),
    "failed": lambda judge: judge.move(state=State.FAILED, failure="Dropped: <the queue> was full."),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_was_polled_looks_as_if_it_had_been_loaded(ending: str, follow: Callable[..., Any]) -> None:
    page, judge = follow()
    expect(page.get_by_text("Waiting in the queue")).to_be_visible()
    ENDINGS[ending](judge)
    expect(page.locator(".judging")).not_to_have_attribute("data-status", "queued")
    polled = looks(page)
    page.reload()
    assert polled == looks(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_it_follows_the_tests_as_they_come_in_and_nothing_moves(width: int, follow: Callable[..., Any]) -> None:
    page, judge = follow(width=width)

    def places() -> Any:
        return page.evaluate(
            "[...document.querySelectorAll('h1, h2, th, td')].map((e) => [e.offsetLeft, e.offsetTop, e.offsetWidth])"
        )

    before = places()
    judge.move(state=State.RUNNING)
    judge.run(*ACCEPTED[:2])
    expect(page.get_by_text("2 of 3 tests")).to_be_visible()
    assert page.locator("[data-cell=verdict]").all_inner_texts()[:3] == ["Accepted", "Accepted", "…"]
    assert places() == before
    judge.complete(Verdict.AC, *ACCEPTED)
    expect(page.get_by_text("AC · Accepted")).to_be_visible()
    expect(page.get_by_text("30 ms, 9.8 MB")).to_be_visible()
    assert places() == before


def test_it_says_that_it_stopped_and_goes_on_when_told(follow: Callable[..., Any], open_page: OpenPage) -> None:
    page, judge = follow(allow="503")
    page.route("**/api/submissions/**", lambda route: route.fulfill(status=503, headers={"Retry-After": "3600"}))
    expect(page.get_by_text("has stopped asking")).to_be_visible()
    page.unroute("**/api/submissions/**")
    judge.complete(Verdict.AC, *ACCEPTED)
    page.get_by_role("button", name="Go on asking").click()
    expect(page.get_by_text("AC · Accepted")).to_be_visible()
    expect(page.get_by_text("has stopped asking")).to_be_hidden()


def test_it_says_that_the_submission_is_gone(follow: Callable[..., Any]) -> None:
    page, judge = follow(allow="404")
    judge.submission.delete()
    cache.clear()  # now: a look between the two would fill it again
    expect(page.get_by_text("was not found")).to_be_visible()


def test_formulas_are_set_and_those_that_cannot_be_stay_readable(
    open_page: OpenPage, live_server: Any, author: User
) -> None:
    make_problem(author, statements_json=plain([Statement("en", "Roots", MATHS)]))
    page = open_page()
    page.goto(f"{live_server.url}/problems/next-number/")
    expect(page.locator(".math .katex")).to_have_count(2)
    expect(page.locator(".math.display .katex-display")).to_have_count(1)
    expect(page.get_by_text("as it is")).to_be_visible()
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('1em KaTeX_Main'))")


def test_a_pdf_statement_is_shown_in_the_page(open_page: OpenPage, live_server: Any, author: User) -> None:
    pdf = blobs.put(BytesIO(PDF))
    make_problem(
        author,
        statements_json=plain([Statement("en", "On paper", pdf=pdf)]),
        assets_json=plain([Asset("problem.en.pdf", pdf, "application/pdf")]),
    )
    page = open_page()
    with page.expect_response("**/problem.en.pdf") as found:
        page.goto(f"{live_server.url}/problems/next-number/")
    assert found.value.ok
    expect(page.locator("iframe")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_screen(
    width: int, open_page: OpenPage, live_server: Any, problem: Any, staff: User, contestant: User
) -> None:
    problem.title = "The " + "Unbreakable" * 9
    problem.save()
    long_name = User.objects.create_user("x" * 150)
    judged = make_submission(problem, long_name, files=[{"name": "main.py", "content": "#" * 500}])
    Judge(judged).complete(Verdict.MLE, TestOutcome(1, Verdict.MLE, 600_000, 4_194_304, True, "x" * 60))
    AuthToken.objects.create(staff)
    page = open_page(width, allow="404")
    sign_in(page, live_server.url, staff)
    for path in (
        "/",
        "/ranking/",
        "/help/",
        f"/users/{long_name.username}/",
        "/submissions/",
        f"/submissions/{judged.pk}/",
        f"/problems/{problem.slug}/",
        "/accounts/tokens/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/no/such/page/",
    ):
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(open_page: OpenPage, live_server: Any) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/accounts/login/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Username or email")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
