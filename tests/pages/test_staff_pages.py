"""The staff's pages about judging: what every page has in common, and what they do (tests/execution)."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution import pausing, rejudging
from execution.models import Judgement, Submission
from execution.states import State
from problems.models import Problem
from tests.factories import make_problem, make_submission
from tests.pages.reading import Page
from tests.pages.test_frame import (  # noqa: F401  # they are run with the pages from here
    test_changes_are_posted_with_a_token,
    test_every_control_is_named,
    test_nothing_is_inline,
    test_pages_are_named_and_structured,
    test_static_files_that_pages_name_exist,
)


@pytest.fixture
def pages(problem: Problem, author: User, contestant: User, staff: User) -> dict[str, Page]:
    """With something on them: pauses, a preview to be decided, one that is under way."""
    other = make_problem(author, "other")
    for each in (problem, other):
        make_submission(each, contestant, state=State.COMPLETED, verdict="WA", started_at=timezone.now())
    queued = make_submission(other, contestant)
    browser = Client()
    browser.force_login(staff)
    found = {"/staff/judging/": browser.get("/staff/judging/")}
    for each, state in ((problem, State.COMPLETED), (other, State.RUNNING)):
        row = rejudging.start(Submission.objects.filter(problem=each), each.slug, staff, is_preview=True)
        assert row
        rejudging.advance()
        Judgement.objects.filter(rejudges__rejudging=row).update(state=state, verdict="AC")
        rejudging.advance()
        for path in (row.get_absolute_url(), f"{row.get_absolute_url()}?all"):
            found[path] = browser.get(path)
    pausing.pause(other, staff)
    found["one paused"] = browser.get("/staff/judging/")
    pausing.pause(None, staff)
    found["all paused"] = browser.get("/staff/judging/")
    found["refused"] = browser.post("/staff/judging/", {"do": "pause", "problem": "no-such"})
    found["/staff/rejudgings/"] = browser.get("/staff/rejudgings/")
    found["refused too"] = browser.post("/staff/rejudgings/", {"since": "x"})
    found["/problems/other/"] = browser.get("/problems/other/")
    path = f"/submissions/{queued.pk}/"
    found[path] = browser.get(path)
    return {name: Page.of(response) for name, response in found.items()}


def test_what_may_be_decided_is_offered(pages: dict[str, Page]) -> None:
    offers = [[button["value"] for button in page.all("button", name="do")] for page in pages.values()]
    assert ["apply", "cancel"] in offers
    assert ["cancel"] in offers
