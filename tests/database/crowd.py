"""A judge that has been in use for years: 200,000 submissions to 2,000 problems, few of them unfinished."""

from datetime import timedelta
from random import Random
from typing import Any

from django.db import connection, models
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from execution.models import Judgement, Kind, Submission
from execution.states import Priority, State
from problems.models import Problem
from tests.factories import make_version

PROBLEMS, USERS = 2_000, 1_000
BLOCK, COPIES = 2_000, 106  # submissions, and copies of those that are finished, each block older than the one before
QUEUED, RUNNING = 100, 3
VERDICTS = ["AC"] * 48 + ["WA"] * 30 + ["TLE"] * 10 + ["RE"] * 6 + ["CE"] * 5 + ["MLE"]  # OLE: none


def settle() -> None:
    """Fill the empty database, within a transaction; PostgreSQL looks at what it has got, as it does in time."""
    users = User.objects.bulk_create([User(username=f"user{n}") for n in range(USERS)])
    problems = Problem.objects.bulk_create([_problem(n, users[n % 20]) for n in range(PROBLEMS)])
    Problem.objects.update(version=make_version(problems[0]))
    submissions, judgements = _block(users, problems)
    Submission.objects.bulk_create(submissions)
    Judgement.objects.bulk_create(judgements)
    queued_at = Judgement.objects.filter(submission=OuterRef("pk")).values("queued_at")
    Submission.objects.update(created=Subquery(queued_at))  # it is now for what is being created
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_copies_of(Submission, "current_id"))
        cursor.execute(_copies_of(Judgement, "id"))
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def _problem(n: int, owner: User) -> Problem:
    return Problem(slug=f"problem{n}", owner=owner, title=f"Problem {n}", is_public=n % 10 > 0)


def _block(users: list[User], problems: list[Problem]) -> tuple[list[Submission], list[Judgement]]:
    """A submission a minute until now, with its judgement; some people and problems are busier than others."""
    dice, now = Random(4), timezone.now()
    submissions, judgements = [], []
    for n in range(BLOCK):
        is_run = n % 10 == 0
        submission = Submission(
            kind=Kind.RUN if is_run else Kind.SUBMISSION,
            problem=None if is_run else problems[int(PROBLEMS * dice.random() ** 2)],
            owner=users[int(USERS * dice.random() ** 2)],
            language="python3",
            files=[],
        )
        sent = now - timedelta(minutes=BLOCK - n)
        judgement = Judgement(submission=submission, image="python3", queued_at=sent, **_fate(BLOCK - n, dice))
        submission.current_id = judgement.pk
        submissions.append(submission)
        judgements.append(judgement)
    return submissions, judgements


def _fate(age: int, dice: Random) -> dict[str, Any]:
    """What became of the submission that so many came after."""
    if age <= QUEUED:
        return {"state": State.QUEUED, "priority": Priority.SUBMISSION}
    if age <= QUEUED + RUNNING:
        return {"state": State.RUNNING, "attempt": 1, "lease_until": timezone.now() - timedelta(seconds=1)}
    if age == BLOCK - 1:
        return {"state": State.FAILED, "failure": "Gave up."}
    return {"state": State.COMPLETED, "verdict": dice.choice(VERDICTS), "finished_at": timezone.now()}


def _copies_of(model: type[models.Model], judgement_id: str) -> str:
    """SQL that copies the rows whose judgement is finished; the ORM would take a minute."""
    table = model._meta.db_table
    columns = [field.column or "" for field in model._meta.concrete_fields]
    values = ", ".join(_copied(table, column) for column in columns)
    return f"""
        WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {COPIES})
        INSERT INTO {table} ({", ".join(columns)})
        SELECT {values} FROM {table} CROSS JOIN copy
        JOIN {Judgement._meta.db_table} AS judged ON judged.id = {table}.{judgement_id}
        WHERE judged.state IN ('{State.COMPLETED}', '{State.FAILED}')"""


def _copied(table: str, column: str) -> str:
    """A column's value in the n-th copy: an id of its own, as many minutes ago."""
    name, minutes = f"{table}.{column}", f"{BLOCK} * copy.n"
    postgres = connection.vendor == "postgresql"
    if column in {"id", "current_id", "submission_id"}:
        if postgres:
            return f"(lpad(to_hex(copy.n), 4, '0') || substr(replace({name}::text, '-', ''), 5))::uuid"
        return f"printf('%04x', copy.n) || substr({name}, 5)"
    if column in {"created", "queued_at", "finished_at"}:
        if postgres:
            return f"{name} - make_interval(mins => {minutes})"
        return f"strftime('%Y-%m-%d %H:%M:%f', {name}, '-' || ({minutes}) || ' minutes')"
    return name
