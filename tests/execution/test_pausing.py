"""Judging paused and resumed: of everything, of one problem."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from execution import doorbell, grading, pausing, sweeper
from execution.models import Judgement, Kind, Pause, QueueCounter
from execution.states import Priority, State
from judge.celery import app
from problems.models import Problem
from tests.execution.asking import RUN, SUBMIT, post
from tests.execution.programs import new_worker
from tests.factories import make_problem, make_submission
from tests.pages.reading import Page

pytestmark = pytest.mark.django_db

PAGE = "/staff/judging/"


@pytest.fixture(autouse=True)
def _no_bells_from_before() -> None:
    broker: Any = app.connection_for_write()
    with broker:
        broker.default_channel.queue_purge(doorbell.queue_of("python3"))


@pytest.fixture
def other(author: User) -> Problem:
    return make_problem(author, "other")


def claimed() -> list[Any]:
    """The problems of what is claimed, one after the other."""
    found = iter(lambda: grading.claim(["python3"], "w1"), None)
    return [Judgement.objects.get(pk=held.id).submission.problem for held in found]


class TestClaiming:
    def test_nothing_is_claimed_while_everything_is_paused(self, problem: Problem, contestant: User) -> None:
        make_submission(problem, contestant)
        make_submission(None, contestant)
        pausing.pause(None)
        assert claimed() == []
        pausing.resume(None)
        assert claimed() == [problem, None]

    def test_a_paused_problem_lets_the_others_pass(self, problem: Problem, other: Problem, contestant: User) -> None:
        make_submission(problem, contestant)
        make_submission(problem, None, kind=Kind.JURY, priority=Priority.JURY)
        make_submission(other, contestant)
        make_submission(None, contestant)
        pausing.pause(problem)
        assert claimed() == [other, None]
        pausing.resume(problem)
        assert claimed() == [problem, problem]

    def test_a_problem_stays_paused_while_everything_is(self, problem: Problem, contestant: User) -> None:
        make_submission(problem, contestant)
        pausing.pause(None)
        pausing.pause(problem)
        pausing.resume(problem)
        assert claimed() == []
        pausing.pause(problem)
        pausing.resume(None)
        assert claimed() == []

    def test_what_runs_runs_to_its_end(self, problem: Problem, contestant: User) -> None:
        make_submission(problem, contestant)
        held = grading.claim(["python3"], "w1")
        assert held
        pausing.pause(None)
        assert grading.renew(held)
        sweeper.sweep()
        assert Judgement.objects.get().state == State.RUNNING

    def test_pausing_twice_is_pausing(self, problem: Problem, staff: User) -> None:
        for which in (None, problem):
            assert pausing.pause(which, staff)
            assert not pausing.pause(which)
            assert pausing.resume(which)
            assert not pausing.resume(which)

    def test_a_problems_pause_goes_with_it(self, other: Problem, contestant: User) -> None:
        pausing.pause(other)
        Problem.objects.filter(pk=other.pk).update(version=None)
        other.delete()
        assert not Pause.objects.exists()


class TestPlaces:
    def test_paused_problems_take_half_of_the_places_at_most(
        self, api: Client, problem: Problem, other: Problem, author: User, stranger: User, settings: Any
    ) -> None:
        settings.QUEUE_LIMIT = 5
        third = make_problem(author, "third")
        for each in (problem, other):
            pausing.pause(each)
        for each in (problem, other):
            assert post(api, SUBMIT | {"problem": each.slug}).status_code == 202
        assert post(api, SUBMIT).status_code == 202
        refused = post(api, SUBMIT)
        assert (refused.status_code, refused["Retry-After"]) == (503, "60")
        assert "paused" in refused.json()["message"]
        api.force_login(stranger)
        assert post(api, SUBMIT | {"problem": "other"}).status_code == 503
        for path, body in (("/api/submissions/", SUBMIT | {"problem": third.slug}), ("/api/runs/", RUN)):
            assert post(api, body, path).status_code == 202
        assert QueueCounter.objects.get().queued == settings.QUEUE_LIMIT
        pausing.resume(problem)
        refused = post(api, SUBMIT)
        assert (refused.status_code, "full" in refused.json()["message"]) == (503, True)

    def test_where_everything_is_paused_all_places_are_for_all(
        self, api: Client, problem: Problem, settings: Any
    ) -> None:
        settings.QUEUE_LIMIT = 2
        pausing.pause(None)
        assert [post(api, SUBMIT).status_code for _ in range(3)] == [202, 202, 503]


class TestBells:
    def test_nobody_rings_while_nothing_may_be_claimed(
        self, problem: Problem, other: Problem, contestant: User
    ) -> None:
        make_submission(problem, contestant)
        make_submission(other, contestant)
        pausing.pause(problem)
        sweeper.sweep()
        assert doorbell.waiting("python3") == 1
        pausing.pause(None)
        for _ in range(3):
            sweeper.sweep()
        assert doorbell.waiting("python3") == 1

    def test_a_bell_that_is_heard_meanwhile_ends(self, problem: Problem, contestant: User) -> None:
        make_submission(problem, contestant)
        pausing.pause(None)
        new_worker().judge_one()
        assert doorbell.waiting("python3") == 0
        judgement = Judgement.objects.get()
        assert (judgement.state, judgement.attempt) == (State.QUEUED, 0)

    @pytest.mark.django_db(transaction=True)
    def test_the_bells_ring_at_once_when_it_goes_on(self, problem: Problem, other: Problem, contestant: User) -> None:
        pausing.pause(None)
        pausing.pause(problem)
        make_submission(problem, contestant)
        for _ in range(2):
            make_submission(other, contestant)
        pausing.resume(None)
        assert doorbell.waiting("python3") == 2
        pausing.resume(problem)
        assert doorbell.waiting("python3") == 3
        worker = new_worker()
        for _ in range(3):
            worker.judge_one()
        assert set(Judgement.objects.values_list("verdict", flat=True)) == {"AC"}


@pytest.mark.django_db(transaction=True)
def test_two_who_pause_and_resume_at_the_same_time_do_no_harm(problem: Problem) -> None:
    def toggle(number: int) -> None:
        try:
            for which in (None, problem):
                pausing.pause(which)
                if number % 2:
                    pausing.resume(which)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(toggle, range(8)))
    assert Pause.objects.count() <= 2
    pausing.resume(None)
    pausing.resume(problem)
    assert not Pause.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestReaders:
    def test_submissions_are_taken_and_told_that_they_wait(self, api: Client, problem: Problem, other: Problem) -> None:
        pausing.pause(problem)
        waiting, normal, run = (
            post(api, body, path).json()["url"]
            for body, path in (
                (SUBMIT, "/api/submissions/"),
                (SUBMIT | {"problem": "other"}, "/api/submissions/"),
                (RUN, "/api/runs/"),
            )
        )
        assert [api.get(url).json()["paused"] for url in (waiting, normal, run)] == [True, False, False]
        pausing.pause(None)
        assert [api.get(url).json()["paused"] for url in (waiting, normal, run)] == [True, True, True]
        pausing.resume(None)
        pausing.resume(problem)
        assert [api.get(url).json()["paused"] for url in (waiting, normal, run)] == [False, False, False]

    def test_what_is_judged_is_not_paused(self, api: Client, problem: Problem, contestant: User) -> None:
        submission = make_submission(problem, contestant, state=State.COMPLETED, verdict="AC")
        pausing.pause(None)
        assert api.get(submission.api_url).json()["paused"] is False

    def test_polling_costs_no_query(
        self, api: Client, problem: Problem, contestant: User, django_assert_num_queries: Any
    ) -> None:
        submission = make_submission(problem, contestant)
        pausing.pause(problem)
        api.get(submission.api_url)
        with django_assert_num_queries(2):  # the session and its user
            assert api.get(submission.api_url).json()["paused"] is True

    def test_the_pages_say_so(self, api: Client, problem: Problem, contestant: User) -> None:
        submission = make_submission(problem, contestant)
        paths = [f"/submissions/{submission.pk}/", f"/problems/{problem.slug}/"]
        for is_paused in (True, False):
            (pausing.pause if is_paused else pausing.resume)(problem)
            shown, hint = (Page.of(api.get(path)) for path in paths)
            assert (shown.one(data_part="paused").get("hidden") is None) is is_paused
            assert ("Judging is paused" in hint.text) is is_paused


class TestPage:
    @pytest.fixture
    def browser(self, client: Client, staff: User) -> Client:
        client.force_login(staff)
        return client

    def test_everything_is_paused_and_resumed(self, browser: Client, staff: User) -> None:
        page = Page.of(browser.post(PAGE, {"do": "pause"}, follow=True))
        assert Pause.objects.get().by == staff
        assert "Judging is paused since" in page.text
        assert [button["value"] for button in page.all("button", name="do")] == ["resume", "pause"]
        page = Page.of(browser.post(PAGE, {"do": "resume"}, follow=True))
        assert not Pause.objects.exists()
        assert "Judging goes on" in page.text

    def test_a_problem_is_paused_and_resumed(self, browser: Client, problem: Problem) -> None:
        page = Page.of(browser.post(PAGE, {"do": "pause", "problem": problem.slug}, follow=True))
        assert Pause.objects.get().problem == problem
        assert page.one("input", type="hidden", name="problem")["value"] == problem.slug
        page = Page.of(browser.post(PAGE, {"do": "pause", "problem": problem.slug}, follow=True))
        assert "was paused already" in page.text
        browser.post(PAGE, {"do": "resume", "problem": problem.slug})
        assert not Pause.objects.exists()

    @pytest.mark.parametrize("data", [{}, {"do": "stop"}, {"do": "pause", "problem": "no\0such"}])
    def test_nonsense_is_refused(self, browser: Client, data: dict[str, str]) -> None:
        assert browser.post(PAGE, data).status_code == 400
        assert not Pause.objects.exists()

    def test_an_unknown_problem_is_named(self, browser: Client) -> None:
        response = browser.post(PAGE, {"do": "pause", "problem": "<b>"})
        assert response.status_code == 400
        assert "There is no problem “&lt;b&gt;”." in response.content.decode()

    def test_it_is_for_staff(self, cast: dict[str, Client]) -> None:
        for name, client in cast.items():
            for response in (client.get(PAGE), client.post(PAGE, {"do": "pause"})):
                if name == "anonymous":
                    assert response["Location"].startswith("/accounts/login/")
                elif name != "staff":
                    assert response.status_code == 404
        assert Pause.objects.count() == 1

    def test_it_needs_its_csrf_token(self, staff: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(staff)
        assert client.post(PAGE, {"do": "pause"}).status_code == 403
        assert not Pause.objects.exists()
