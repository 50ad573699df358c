"""Clients of the API, and a problem with many submissions."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution.models import Judgement, Kind, Submission
from execution.states import State
from problems.models import Problem


@pytest.fixture
def api(contestant: User, client: Client) -> Client:
    client.force_login(contestant)
    return client


@pytest.fixture
def cast(author: User, contestant: User, stranger: User, staff: User) -> dict[str, Client]:
    clients = {"anonymous": Client()}
    for user in (author, contestant, stranger, staff):
        clients[user.username] = Client()
        clients[user.username].force_login(user)
    return clients


@pytest.fixture
def many(problem: Problem, contestant: User) -> list[Submission]:
    """300 submissions that were judged, past all that makes them one by one."""
    submissions = [
        Submission(kind=Kind.SUBMISSION, problem=problem, owner=contestant, language="python3", files=[])
        for _ in range(300)
    ]
    Submission.objects.bulk_create(submissions)
    values = {"version": problem.version, "image": "python3", "queued_at": timezone.now(), "attempt": 1}
    judgements = [Judgement(submission=each, state=State.COMPLETED, verdict="WA", **values) for each in submissions]
    Judgement.objects.bulk_create(judgements)
    for submission, judgement in zip(submissions, judgements, strict=True):
        submission.current = judgement
    Submission.objects.bulk_update(submissions, ["current"])
    return submissions
