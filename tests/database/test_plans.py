"""No query of the lists, the claim, the admission or the sweeper reads all submissions, of which there are 200,000."""

import json
import math
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from execution import changes, doorbell, feeding, grading, intake, rejudging, standing, sweeper
from execution.admission import Sender
from execution.languages import LANGUAGES
from execution.listing import OUTCOMES, PAGE_SIZE, Place
from execution.models import Judgement, Rejudging, Standing, Submission
from execution.selection import Selection
from execution.states import State
from health import samples
from judge.web.ids import uuid7
from problems.models import Problem
from tests.database import crowd
from tests.factories import NEXT_NUMBER

PYTHON = LANGUAGES["python3"]
DEEP = 500 * PAGE_SIZE
TABLES = {"execution_submission", "execution_judgement"}
WAYS = {"Seq Scan", "Index Scan", "Index Only Scan"}
STOPPED_EARLY = 1000  # in PostgreSQL's units: reading 200,000 rows costs several thousand
CHOICES = [
    {},
    {"problem": "problem1"},
    {"problem": "problem1999"},
    {"user": "user1"},
    {"user": "user999"},
    {"problem": "problem1", "user": "user1", "verdict": "WA"},
    *({"verdict": outcome} for outcome, _ in OUTCOMES),
]
Query = tuple[str, Any]


@pytest.fixture(scope="module")
def _settled(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """200,000 submissions, which no other test sees. Tests without the mark `django_db` run after those with it."""
    with django_db_blocker.unblock(), transaction.atomic():
        crowd.settle()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "ring", lambda *_, **__: True)
    monkeypatch.setattr(doorbell, "waiting", lambda _: 0)


@pytest.fixture
def _settled_anew(_settled: None) -> Iterator[None]:
    """Whatever the test before has done to them."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


at_200_000 = pytest.mark.usefixtures("_settled_anew")


@pytest.fixture(scope="module")
def deep(_settled: None) -> Place:
    """Before the 500th page."""
    submission = Submission.objects.order_by("-created", "-id")[DEEP]
    return Place(submission.created, submission.pk)


def queries_of(call: Callable[[], object]) -> list[Query]:
    """What it asks the database, but for insertions and savepoints."""
    asked: list[Query] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    return asked


def steps_of(call: Callable[[], object]) -> int:
    """How many instructions of its virtual machine SQLite takes for it, in thousands' steps."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1000

    connection.connection.set_progress_handler(count, 1000)
    try:
        call()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return taken


def full_scans(queries: list[Query]) -> list[str]:
    """The plans of those that read a whole table of submissions or judgements, or a whole index on one.

    Reading on, in an order that is there, until a page is full, is well.
    """
    find = _full_scan_in_postgres if connection.vendor == "postgresql" else _full_scan_in_sqlite
    return [f"{sql}\n{plan}" for sql, params in queries if (plan := find(sql, params))]


def _full_scan_in_sqlite(sql: str, params: Any) -> str:
    """The plan, if it is one; else nothing."""
    plan = "\n".join(row[-1] for row in _rows(f"EXPLAIN QUERY PLAN {sql}", params))
    tables = TABLES | set(re.findall(r'"execution_(?:submission|judgement)" ([TUVW]\d+)', sql))
    scans = re.findall(r"^SCAN (\w+)(?: USING INDEX (\w+))?", plan, re.MULTILINE)
    stops = "LIMIT" in sql and "TEMP B-TREE FOR ORDER BY" not in plan
    return plan if any(table in tables and not (index and stops) for table, index in scans) else ""


def _full_scan_in_postgres(sql: str, params: Any) -> str:
    """The plan, if it is one; else nothing. Where it is soon done with a table, there must be an index all the same."""
    plan = _postgres_plan(sql, params)
    if any(kind == "Seq Scan" for kind, _ in _unconditional(plan)) and plan["Total Cost"] < STOPPED_EARLY:
        _rows("SET LOCAL enable_seqscan = off", None)
        plan = _postgres_plan(sql, params)
        _rows("SET LOCAL enable_seqscan = on", None)
    is_well = all(stops and kind != "Seq Scan" for kind, stops in _unconditional(plan))
    return "" if is_well else json.dumps(plan, indent=1)


def _postgres_plan(sql: str, params: Any) -> dict[str, Any]:
    plan: dict[str, Any] = _rows(f"EXPLAIN (FORMAT JSON) {sql}", params)[0][0][0]["Plan"]
    return plan


def _unconditional(node: dict[str, Any], stops: bool = False) -> Iterator[tuple[str, bool]]:
    """How the tables are read, or indexes on them, without a condition on an index; and whether a limit stops it."""
    kind = node["Node Type"]
    stops = kind == "Limit" or (stops and kind not in ("Sort", "Aggregate", "Hash"))
    if kind in WAYS and node["Relation Name"] in TABLES and "Index Cond" not in node:
        yield kind, stops
    for part in node.get("Plans", []):
        yield from _unconditional(part, stops)


def _rows(sql: str, params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.django_db
def test_the_migrations_make_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@at_200_000
def test_the_crowd_is_there() -> None:
    assert Submission.objects.count() == Judgement.objects.count() >= 200_000
    assert Submission.objects.exclude(current__submission__isnull=False).count() == 0
    assert Judgement.objects.filter(state=State.QUEUED).count() == crowd.QUEUED


@at_200_000
def test_a_full_scan_would_be_noticed() -> None:
    assert full_scans(queries_of(lambda: Submission.objects.filter(language="c").count()))
    assert full_scans(queries_of(lambda: list(Judgement.objects.filter(worker="w").values_list("pk")[:5])))
    assert full_scans(queries_of(lambda: list(Submission.objects.filter(language="python3").order_by("language")[:5])))
    assert not full_scans(queries_of(lambda: Submission.objects.filter(pk=uuid7()).first()))


@at_200_000
@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: urlencode(choice) or "all")
@pytest.mark.parametrize("who", ["", "user1", "staff"])
def test_the_page_of_submissions(who: str, choice: dict[str, str], deep: Place) -> None:
    client = _client(who)
    for place in ({}, {"after": str(deep)}):
        assert not full_scans(queries_of(lambda: _get(client, "/submissions/", choice | place)))  # noqa: B023


@at_200_000
@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: urlencode(choice) or "all")
def test_the_list_of_submissions_in_the_api(choice: dict[str, str], deep: Place) -> None:
    if choice.get("verdict") in State.values:
        choice = {"status": choice["verdict"]}
    cursor = b64encode(urlencode({"p": str(deep.created)}).encode()).decode()
    for place in ({}, {"cursor": cursor}):
        assert not full_scans(queries_of(lambda: _get(_client(""), "/api/submissions/", choice | place)))  # noqa: B023


@at_200_000
def test_the_page_of_an_accepted_submission() -> None:
    """With its sender's one before, and how fast the others were."""
    accepted = Submission.objects.filter(owner__username="user1", current__verdict="AC", problem__version__isnull=False)
    submission = accepted.order_by("-created").select_related("problem", "current").first()
    assert submission
    assert submission.problem
    assert submission.current
    submission.current.version = submission.problem.version
    submission.current.save()
    queries = queries_of(lambda: _get(_client("user1"), f"/submissions/{submission.pk}/", {}))
    assert any("GROUP BY" in sql for sql, _ in queries)
    assert not full_scans(queries)


@at_200_000
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps")
@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: urlencode(choice) or "all")
def test_a_page_is_little_work(choice: dict[str, str], deep: Place) -> None:
    """An index may be read to its end, too: that takes millions of steps."""
    for place in ({}, {"after": str(deep)}):
        assert steps_of(lambda: _get(_client("user1"), "/submissions/", choice | place)) < 500_000  # noqa: B023


@at_200_000
@pytest.mark.parametrize("model", ["submission", "judgement"])
def test_the_newest_in_the_admin(model: str) -> None:
    queries = queries_of(lambda: _get(_client("staff"), f"/admin/execution/{model}/", {}))
    pages = [query for query in queries if "LIMIT 100" in query[0]]
    assert len(pages) == 1
    assert not full_scans(pages)


@at_200_000
@pytest.mark.parametrize("worker", ["", "w1"], ids=["that all runs on", "that nothing runs on"])
def test_the_claim(worker: str) -> None:
    assert not full_scans(queries_of(lambda: grading.claim(["python3", "cpp"], worker, 2)))


@at_200_000
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps")
def test_the_claim_is_little_work_also_with_1000_queued() -> None:
    finished = Judgement.objects.filter(state=State.COMPLETED).order_by("-queued_at", "-id").values("pk")[:900]
    Judgement.objects.filter(pk__in=finished).update(state=State.QUEUED)
    assert Judgement.objects.filter(state=State.QUEUED).count() == 1000
    assert steps_of(lambda: grading.claim(["python3", "cpp"], "w1", 2)) < 100_000


@at_200_000
def test_the_admission_also_where_the_oldest_makes_room(settings: Any) -> None:
    settings.QUEUE_LIMIT, settings.QUEUE_OVERFLOW = crowd.QUEUED, "drop_oldest"
    problem = Problem.objects.get(slug="problem1")
    sender = Sender(User.objects.create_user("new"), "")
    sweeper.sweep()  # counts them
    queries = queries_of(lambda: intake.submit(sender, problem, PYTHON, intake.single_file(PYTHON, NEXT_NUMBER)))
    assert Judgement.objects.filter(state=State.FAILED, failure__startswith="Dropped").exists()
    assert not full_scans(queries)


@at_200_000
def test_an_anonymous_sender_s_queue(settings: Any) -> None:
    settings.ALLOW_ANONYMOUS = True
    problem = Problem.objects.get(slug="problem1")
    files = intake.single_file(PYTHON, NEXT_NUMBER)
    assert not full_scans(queries_of(lambda: intake.submit(Sender(None, "a", "192.0.2.1"), problem, PYTHON, files)))


@at_200_000
def test_the_sweeper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "_unrenewed", dict.fromkeys(grading.leases(), math.inf))
    queries = queries_of(sweeper.sweep)
    assert Judgement.objects.filter(state=State.QUEUED).count() == crowd.QUEUED + crowd.RUNNING
    assert not full_scans(queries)


@at_200_000
def test_what_the_cleaner_deletes() -> None:
    assert not full_scans(queries_of(sweeper.old_runs()[:10].exists))


@at_200_000
def test_the_sample_for_the_status_page() -> None:
    assert not full_scans(queries_of(samples.take))


@at_200_000
def test_a_rejudging(settings: Any) -> None:
    begin = partial(rejudging.start, Selection(problem="problem1").submissions(), "", None, is_preview=True)
    assert not full_scans(queries_of(begin))
    row = Rejudging.objects.get()
    assert not full_scans(queries_of(rejudging.advance))
    assert row.rejudges.exclude(judgement=None).exists()
    Judgement.objects.filter(rejudges__rejudging=row).update(state=State.COMPLETED)
    for step in (rejudging.advance, rejudging.advance):
        assert not full_scans(queries_of(step))
    row.refresh_from_db()
    assert not full_scans(queries_of(lambda: changes.changes_of(row)))
    assert not full_scans(queries_of(lambda: rejudging.cancel(row)))


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="others find bare columns, too")
def test_what_is_fed_next_is_found_in_its_order() -> None:
    [query] = [query for query in queries_of(feeding.feed) if "LIMIT 100" in query[0]]
    plan = "\n".join(row[-1] for row in _rows(f"EXPLAIN QUERY PLAN {query[0]}", query[1]))
    assert "rejudge_feeding" in plan
    assert "TEMP B-TREE" not in plan


@at_200_000
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps")
def test_what_is_known_of_a_user_is_little_work() -> None:
    some = User.objects.get(username="user900")  # of 100 submissions
    assert steps_of(lambda: list(standing.touched_since(timezone.now() + timedelta(hours=1)))) < 10_000
    assert steps_of(lambda: standing.derive([some.pk])) < 50_000
    assert steps_of(lambda: standing.solved_and_tried(some)) < 50_000
    assert steps_of(lambda: _get(_client("user1"), "/users/user900/", {})) < 100_000


@at_200_000
def test_the_tally_and_what_is_made_of_it() -> None:
    """Of some users at once: those of the busiest twenty are so many that reading all is the quickest.

    PostgreSQL thinks so of the busiest alone, too, who has sent one in thirty.
    """
    busy = "user1" if connection.vendor == "sqlite" else "user300"
    just_now, some = timezone.now(), User.objects.get(username="user900")
    assert not full_scans(queries_of(lambda: list(standing.touched_since(just_now))))
    assert not full_scans(queries_of(lambda: standing.derive([some.pk])))
    standing.recount()
    assert Standing.objects.count() > 1000
    for who in ("", "user1", "staff"):
        client = _client(who)
        for path in ("/", "/ranking/", f"/users/{busy}/", "/users/user900/"):
            assert not full_scans(queries_of(lambda: _get(client, path, {})))  # noqa: B023


def _client(name: str) -> Client:
    client = Client()
    if name:
        user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True, "is_superuser": True})
        client.force_login(user)
    return client


def _get(client: Client, path: str, query: dict[str, str]) -> None:
    assert client.get(path, query).status_code == 200
