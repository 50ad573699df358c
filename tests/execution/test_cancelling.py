"""Cancelling from the submission's page; through the API: test_api_access."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import User
from execution import grading, intake
from execution.models import Judgement, Submission
from execution.states import Priority, State
from problems.models import Problem
from tests.factories import make_judgement, make_submission
from tests.pages.reading import Page

pytestmark = pytest.mark.django_db


def cancel_page(submission: Submission) -> str:
    return f"/submissions/{submission.pk}/cancel/"


@pytest.mark.django_db(transaction=True)
def test_the_sender_cancels_what_waits(api: Client, problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant)
    page = Page.of(api.get(f"/submissions/{submission.pk}/"))
    assert page.one("form", action=cancel_page(submission))
    page = Page.of(api.post(cancel_page(submission), follow=True))
    assert page.one(data_part="failure").text == intake.CANCELLED
    assert not page.all("form", action=cancel_page(submission))
    assert Judgement.objects.get().state == State.FAILED


def test_what_runs_can_not_be_cancelled_and_says_so(api: Client, problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant)
    assert grading.claim(["python3"], "w1")
    page = Page.of(api.get(f"/submissions/{submission.pk}/"))
    assert page.one(data_part="cancel").get("hidden") is not None
    response = api.post(cancel_page(submission))
    assert response["Location"] == f"/submissions/{submission.pk}/"
    [message] = get_messages(response.wsgi_request)
    assert str(message) == "It is not queued any more, so it was not cancelled."
    assert Judgement.objects.get().state == State.RUNNING


def test_it_is_for_the_sender_and_the_staff(cast: dict[str, Client], problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant)
    for name in ("anonymous", "stranger", "author"):
        assert cast[name].post(cancel_page(submission)).status_code == 404
    assert not Page.of(cast["author"].get(f"/submissions/{submission.pk}/")).all(data_part="cancel")
    assert Judgement.objects.get().state == State.QUEUED
    assert cast["staff"].post(cancel_page(submission)).status_code == 302
    assert Judgement.objects.get().failure == intake.CANCELLED_BY_STAFF


def test_looking_cancels_nothing(api: Client, problem: Problem, contestant: User) -> None:
    assert api.get(cancel_page(make_submission(problem, contestant))).status_code == 405


def test_a_queued_rejudge_is_not_the_senders_to_cancel(api: Client, problem: Problem, contestant: User) -> None:
    submission = make_submission(problem, contestant, state=State.COMPLETED, verdict="WA")
    make_judgement(submission, priority=Priority.REJUDGE)
    api.post(cancel_page(submission))
    assert set(Judgement.objects.values_list("state", flat=True)) == {State.COMPLETED, State.QUEUED}


def test_it_needs_its_csrf_token(problem: Problem, contestant: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(contestant)
    assert client.post(cancel_page(make_submission(problem, contestant))).status_code == 403
    assert Judgement.objects.get().state == State.QUEUED
