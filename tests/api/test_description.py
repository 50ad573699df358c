"""The API keeps to its description: schemathesis makes requests of it, good and bad, and looks at the answers."""

from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from knox.models import AuthToken
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from accounts.models import User
from judge.web.malformed import Application
from problems.models import Problem
from tests.execution.asking import RUN, SUBMIT
from tests.factories import make_submission

EXAMPLES = 15  # of each operation, beside those of every parameter's edges
SUBMISSION, A_RUN = UUID(int=1), UUID(int=2)
# What makes a program acceptable can't all be described: its language must be there, and its problem take it.
NOT_CHECKED: list[Any] = [positive_data_acceptance]


@cache
def site() -> Application:
    """Made when it is first asked, since it looks for the static files, which the tests make room for."""
    return Application()


def served(environ: dict[str, Any], start_response: Any) -> Any:
    return site()(environ, start_response)


def described() -> Any:
    """The description, with examples of what is there, so that not every answer is a refusal."""
    found = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    for path, body in (("/api/submissions/", SUBMIT), ("/api/runs/", RUN)):
        found["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"] = body
    for path, operations in found["paths"].items():
        there = {"slug": "next-number", "id": str(A_RUN if "/runs/" in path else SUBMISSION)}
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["example"] = there[parameter["name"]]
    made = schemathesis.openapi.from_dict(found)
    made.app = served
    return made


description = described()
succeeded: set[str] = set()


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests leave the test's connection open, as those of Django's own test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(_one_connection: None, contestant: User, problem: Problem, settings: Any) -> str:
    settings.SUBMISSIONS_PER_MINUTE = settings.SUBMISSIONS_PER_MINUTE_PER_ADDRESS = 0
    settings.QUEUE_LIMIT = settings.QUEUE_LIMIT_PER_USER = 1_000_000
    make_submission(problem, contestant, id=SUBMISSION)
    make_submission(None, contestant, id=A_RUN)
    _, token = AuthToken.objects.create(contestant)
    return str(token)


@description.parametrize()  # type: ignore[untyped-decorator]
@hypothesis.settings(max_examples=EXAMPLES, derandomize=True, database=None)
def test_answers_are_as_described(token: str, case: Case[Any]) -> None:
    headers = {"Authorization": f"Token {token}"}
    response = case.call_and_validate(headers=headers, excluded_checks=NOT_CHECKED)
    if response.status_code < 300:
        succeeded.add(case.operation.label)


def test_every_operation_has_succeeded() -> None:
    """After the others."""
    assert succeeded == {operation.ok().label for operation in description.get_all_operations()}
