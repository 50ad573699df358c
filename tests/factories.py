"""Makes rows for tests."""

from io import BytesIO
from typing import Any

from django.utils import timezone

from accounts.models import User
from execution.models import Judgement, Kind, Submission
from execution.states import Priority
from problems import blobs
from problems.content import JuryProgram, JuryRule, Statement, TestCase, plain
from problems.models import Problem, ProblemVersion

NEXT_NUMBER = "print(int(input()) + 1)\n"


def make_problem(owner: User, slug: str = "next-number", *, is_public: bool = True, **version: Any) -> Problem:
    """A problem whose answer is the number after the input's."""
    problem = Problem.objects.create(slug=slug, owner=owner, title="The next number", is_public=is_public)
    problem.version = make_version(problem, **version)
    problem.tags = problem.version.tags
    problem.save()
    return problem


def make_version(problem: Problem, number: int = 1, **fields: Any) -> ProblemVersion:
    numbers = [(1, True), (41, False), (999, False)]
    values: dict[str, Any] = {
        "package_format": "2025-09",
        "time_limit_ms": 1000,
        "statements_json": plain([Statement("en", "The next number", "<p>Print the next number.</p>")]),
        "test_cases_json": plain([make_test(i, n, sample) for i, (n, sample) in enumerate(numbers, 1)]),
    }
    values |= fields
    values["test_count"] = len(values["test_cases_json"])
    return ProblemVersion.objects.create(problem=problem, number=number, **values)


def make_test(number: int, value: int, is_sample: bool) -> TestCase:
    text = f"{value}\n".encode()
    answer = blobs.put(BytesIO(f"{value + 1}\n".encode()))
    name = f"{'sample' if is_sample else 'secret'}/{number}"
    return TestCase(number, name, is_sample, blobs.put(BytesIO(text)), answer, len(text))


def make_jury_program(tag: str, rule: JuryRule, source: str = NEXT_NUMBER, name: str = "a.py") -> JuryProgram:
    files = {name: blobs.put(BytesIO(source.encode()))}
    return JuryProgram(f"submissions/{tag}/{name}", tag, "python3", files, [rule])


def make_submission(problem: Problem | None, owner: User | None, **fields: Any) -> Submission:
    """A queued submission, written past admission."""
    judgement_fields = {name: fields.pop(name) for name in list(fields) if name in _JUDGEMENT_FIELDS}
    values: dict[str, Any] = {
        "kind": Kind.SUBMISSION if problem else Kind.RUN,
        "language": "python3",
        "files": [{"name": "main.py", "content": NEXT_NUMBER}],
    }
    submission = Submission.objects.create(problem=problem, owner=owner, **(values | fields))
    submission.current = make_judgement(submission, **judgement_fields)
    submission.save()
    return submission


def make_judgement(submission: Submission, **fields: Any) -> Judgement:
    version = submission.problem.version if submission.problem else None
    values: dict[str, Any] = {
        "image": "python3",
        "queued_at": timezone.now(),
        "priority": Priority.SUBMISSION if submission.problem else Priority.RUN,
        "result": {"total": version.test_count if version else 1},
    }
    return Judgement.objects.create(submission=submission, version=version, **(values | fields))


_JUDGEMENT_FIELDS = {field.name for field in Judgement._meta.fields} - {"id", "submission"}
