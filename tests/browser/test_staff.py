"""The staff's pages on a small screen, with names that don't break."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import User
from execution import pausing, rejudging
from execution.models import Judgement, Submission
from execution.states import State
from tests.browser.test_pages import sign_in
from tests.factories import make_problem, make_submission

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("plain_static"),
]


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_the_screen(
    width: int, open_page: Callable[..., Page], live_server: Any, staff: User, contestant: User
) -> None:
    problem = make_problem(User.objects.create_user("x" * 150), "long-" * 15 + "slug")
    problem.title = "The " + "Unbreakable" * 9
    problem.save()
    make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
    row = rejudging.start(Submission.objects.all(), f"problem {problem.slug}", staff, is_preview=True)
    assert row
    rejudging.advance()
    Judgement.objects.filter(rejudges__rejudging=row).update(state=State.FAILED, failure="y" * 200)
    pausing.pause(problem, staff)
    page = open_page(width)
    sign_in(page, live_server.url, staff)
    paths = ["/staff/judging/", "/staff/rejudgings/", f"{row.get_absolute_url()}?all", "/staff/status/"]
    paths += ["/authors/", "/authors/upload/", f"/authors/problems/{problem.slug}/"]
    for path in paths:
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
