from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from execution.jobs import job_of
from execution.languages import LANGUAGES
from execution.models import Judgement
from execution.sandbox.interface import AGENT_RESERVE_MB
from tests.factories import make_problem, make_submission

pytestmark = pytest.mark.django_db


def judgement_of(owner: User, language: str, memory_limit_mb: int | None) -> Judgement:
    problem = make_problem(owner, memory_limit_mb=memory_limit_mb)
    judgement = make_submission(problem, owner, language=language).current
    assert judgement
    return judgement


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_a_program_gets_what_its_problem_states_and_the_grant(author: User, language: Any) -> None:
    job = job_of(judgement_of(author, language.id, 64))
    assert (job.memory_mb, job.limits.memory_kb) == (64, 64 * 1024 + language.memory_extra_kb)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=list(LANGUAGES))
def test_where_nothing_is_stated_a_program_gets_what_its_problem_shows(
    author: User, client: Client, language: Any
) -> None:
    judgement = judgement_of(author, language.id, None)
    shown = client.get("/api/problems/next-number/").json()["memoryLimitMb"]
    job = job_of(judgement)
    assert (job.memory_mb, job.limits.memory_kb) == (shown, (shown << 10) + language.memory_extra_kb)
    assert f"{shown} MB" in client.get("/problems/next-number/").content.decode()


def test_where_nothing_is_stated_the_container_is_of_the_usual_size(author: User, settings: Any) -> None:
    job = job_of(judgement_of(author, "python3", None))
    assert job.limits.memory_kb == (settings.CONTAINER_MEMORY_MB - AGENT_RESERVE_MB) * 1024
