"""Where in the queue a judgement stands."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution import pausing
from execution.models import Judgement, Submission
from execution.places import place_of
from execution.states import Priority, State
from problems.models import Problem
from tests.factories import make_submission


def queued(problem: Problem | None, owner: User, minutes: int = 0, **fields: Any) -> Submission:
    """Since so many minutes."""
    return make_submission(problem, owner, queued_at=timezone.now() - timedelta(minutes=minutes), **fields)


def place(submission: Submission) -> int | None:
    assert submission.current_id
    return place_of(submission.current_id)


def test_the_oldest_of_the_best_priority_is_the_next(problem: Problem, contestant: User) -> None:
    second, first = queued(problem, contestant, 1), queued(problem, contestant, 2)
    last, run = queued(problem, contestant, 9, priority=Priority.REJUDGE), queued(None, contestant, 5)
    assert [place(submission) for submission in (first, second, run, last)] == [1, 2, 3, 4]


def test_of_two_of_the_same_moment_one_is_before_the_other(problem: Problem, contestant: User) -> None:
    now = timezone.now()
    both = [make_submission(problem, contestant, queued_at=now) for _ in range(2)]
    assert sorted(place(submission) or 0 for submission in both) == [1, 2]


def test_what_another_image_judges_is_not_before_it(problem: Problem, contestant: User) -> None:
    queued(problem, contestant, 1, image="go")
    assert place(queued(problem, contestant)) == 1


def test_what_is_judged_or_being_judged_has_no_place_and_is_before_nobody(problem: Problem, contestant: User) -> None:
    running = queued(problem, contestant, 1, state=State.RUNNING)
    judged = queued(problem, contestant, 1, state=State.COMPLETED)
    assert (place(running), place(judged)) == (None, None)
    assert place(queued(problem, contestant)) == 1


def test_readers_are_told_and_polling_costs_no_query(
    problem: Problem, contestant: User, client: Client, django_assert_num_queries: Any
) -> None:
    first, second = queued(problem, contestant, 1), queued(problem, contestant)
    client.force_login(contestant)
    assert client.get(second.api_url).json()["place"] == 2
    with django_assert_num_queries(2):  # the session and its user
        assert client.get(second.api_url).json()["place"] == 2
    Judgement.objects.filter(submission=first).update(state=State.RUNNING)
    cache.clear()
    assert client.get(second.api_url).json()["place"] == 1
    assert client.get(first.api_url).json()["place"] is None


def test_while_judging_is_paused_there_are_no_places(problem: Problem, contestant: User, client: Client) -> None:
    submission = queued(problem, contestant)
    pausing.pause(problem)
    client.force_login(contestant)
    assert client.get(submission.api_url).json()["place"] is None


@pytest.mark.parametrize("kind", ["submissions", "runs"])
def test_a_run_has_a_place_as_well(kind: str, problem: Problem, contestant: User, client: Client) -> None:
    client.force_login(contestant)
    submission = queued(problem if kind == "submissions" else None, contestant)
    assert client.get(submission.api_url).json()["place"] == 1
