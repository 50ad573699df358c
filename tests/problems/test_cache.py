"""What is kept of problems, for how long, and for whom."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache as redis
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_redis import get_redis_connection

from accounts.models import User
from problems import cache, detail
from problems.models import Problem, ProblemVersion
from tests.factories import make_problem, make_version

NOBODY = AnonymousUser()


@contextmanager
def queries(expected: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as seen:
        yield
    assert len(seen) == expected, [query["sql"] for query in seen]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """A context at whose end what waits for the commit is done."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


class TestKept:
    def test_the_list_and_a_problem_come_from_the_database_once(self, problem: Problem) -> None:
        first = cache.problem_list(), cache.problem_detail(problem.slug, NOBODY)
        with queries(0):
            assert (cache.problem_list(), cache.problem_detail(problem.slug, NOBODY)) == first

    def test_they_run_out_after_five_minutes_and_the_generation_after_a_day(self, problem: Problem) -> None:
        cache.problem_list()
        cache.problem_detail(problem.slug, NOBODY)
        server = get_redis_connection("default")
        ttls = {key.decode().split(":", 2)[2]: server.ttl(key) for key in server.keys("*problems:*")}
        assert ttls.keys() == {"problems:generation", "problems:list", f"problems:detail:{problem.slug}"}
        assert 0 < ttls["problems:list"] <= 300
        assert 0 < ttls[f"problems:detail:{problem.slug}"] <= 300
        assert 0 < ttls["problems:generation"] <= 24 * 3600

    def test_a_hit_is_one_round_trip(self, problem: Problem) -> None:
        cache.problem_detail(problem.slug, NOBODY)
        server = get_redis_connection("default")
        before = server.info("commandstats")["cmdstat_mget"]["calls"]
        commands = server.info("stats")["total_commands_processed"]
        cache.problem_detail(problem.slug, NOBODY)
        assert server.info("commandstats")["cmdstat_mget"]["calls"] == before + 1
        assert server.info("stats")["total_commands_processed"] - commands <= 4  # ours and the looking itself

    def test_what_is_kept_is_what_is_in_the_database(self, problem: Problem) -> None:
        cache.problem_detail(problem.slug, NOBODY)
        assert cache.problem_detail(problem.slug, NOBODY) == detail.of(problem)
        assert cache.problem_list() == cache.problem_list() == detail.public_list()


class TestDropped:
    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda problem: problem.save(), id="saved"),
            pytest.param(lambda problem: Problem.objects.filter(pk=problem.pk).update(title="B"), id="updated in bulk"),
            pytest.param(lambda problem: Problem.objects.bulk_update([problem], ["title"]), id="bulk_update"),
            pytest.param(lambda problem: problem.version.set_time_limit(77), id="time limit set"),
            pytest.param(lambda problem: make_version(problem, number=9), id="a version added"),
            pytest.param(lambda problem: ProblemVersion.objects.update(memory_limit_mb=7), id="versions updated"),
            pytest.param(lambda problem: problem.delete(), id="deleted"),
            pytest.param(lambda problem: Problem.objects.filter(pk=problem.pk).delete(), id="deleted in bulk"),
            pytest.param(
                lambda problem: Problem.objects.bulk_create([Problem(slug="x", owner=problem.owner)]), id="bulk_create"
            ),
        ],
    )
    def test_any_change_drops_what_is_kept(self, problem: Problem, committed: Any, change: Any) -> None:
        cache.problem_list()
        mark = redis.get("problems:generation")
        assert mark
        with committed():
            change(problem)
            assert redis.get("problems:generation") == mark, "dropped before the commit"
        assert redis.get("problems:generation") != mark

    def test_the_change_shows_at_once(self, problem: Problem, committed: Any) -> None:
        assert cache.problem_detail(problem.slug, NOBODY)["timeLimitMs"] == 1000
        with committed():
            problem.version.set_time_limit(77)  # type: ignore[union-attr]
        assert cache.problem_detail(problem.slug, NOBODY)["timeLimitMs"] == 77
        assert [row["timeLimitMs"] for row in cache.problem_list()] == [77]

    @pytest.mark.django_db(transaction=True)
    def test_a_change_that_is_rolled_back_drops_nothing(self, problem: Problem) -> None:
        cache.problem_list()
        mark = redis.get("problems:generation")
        with transaction.atomic():
            problem.save()
            transaction.set_rollback(True)
        assert redis.get("problems:generation") == mark

    def test_a_reader_from_before_the_change_puts_nothing_back(
        self, problem: Problem, committed: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The reader has loaded, then the problem is hidden, and only then the reader writes."""
        loaded = detail.of

        def load_and_wait(found: Problem) -> dict[str, Any]:
            value = loaded(found)
            with committed():
                Problem.objects.update(is_public=False)
            return value

        monkeypatch.setattr(detail, "of", load_and_wait)
        assert cache.problem_detail(problem.slug, NOBODY)["slug"] == problem.slug  # it began before
        monkeypatch.setattr(detail, "of", loaded)
        with pytest.raises(Problem.DoesNotExist):
            cache.problem_detail(problem.slug, NOBODY)


class TestPermissions:
    """Design: public ones for everybody, others for their setter and staff; what isn't yours does not exist."""

    @pytest.fixture
    def everybody(self, author: User, contestant: User, staff: User) -> dict[str, Any]:
        return {"nobody": NOBODY, "signed in": contestant, "setter": author, "staff": staff}

    CELLS = [
        ("public", {"nobody", "signed in", "setter", "staff"}),
        ("private", {"setter", "staff"}),
        ("waiting for its time limit", {"setter", "staff"}),
    ]

    @pytest.mark.parametrize(("kind", "readers"), CELLS)
    @pytest.mark.parametrize("warmed_by", [None, "setter", "staff", "nobody"])
    def test_each_cell_also_from_the_cache(
        self, author: User, everybody: dict[str, Any], kind: str, readers: set[str], warmed_by: str | None
    ) -> None:
        made = make_problem(author, is_public=kind != "private")
        if kind.startswith("waiting"):
            Problem.objects.update(version=None)
            ProblemVersion.objects.update(time_limit_ms=None)
        if warmed_by in readers:
            cache.problem_detail(made.slug, everybody[str(warmed_by)])
        found = set()
        for name, user in everybody.items():
            try:
                cache.problem_detail(made.slug, user)
            except Problem.DoesNotExist:
                continue
            found.add(name)
        assert found == readers
        assert [row["slug"] for row in cache.problem_list()] == ([made.slug] if kind == "public" else [])

    @pytest.mark.parametrize("reader", ["setter", "staff"])
    def test_nothing_private_is_ever_kept(self, author: User, everybody: dict[str, Any], reader: str) -> None:
        made = make_problem(author, is_public=False)
        cache.problem_detail(made.slug, everybody[reader])
        cache.problem_list()
        assert redis.get(f"problems:detail:{made.slug}") is None

    @pytest.mark.parametrize("reader", ["nobody", "signed in", "setter", "staff"])
    def test_secret_tests_are_shown_to_nobody_here(
        self, problem: Problem, everybody: dict[str, Any], reader: str
    ) -> None:
        told = cache.problem_detail(problem.slug, everybody[reader])
        assert told["samples"] == [{"number": 1, "input": "1\n", "output": "2\n"}]
        secrets = [test for test in problem.version.test_cases if not test.is_sample]  # type: ignore[union-attr]
        assert secrets
        assert all(test.input not in str(told) and test.answer not in str(told) for test in secrets)
        assert "41" not in str(told["samples"])

    def test_hidden_ones_vanish_at_once_for_those_who_warmed_the_cache(self, problem: Problem, committed: Any) -> None:
        cache.problem_detail(problem.slug, NOBODY)
        with committed():
            Problem.objects.update(is_public=False)
        with pytest.raises(Problem.DoesNotExist):
            cache.problem_detail(problem.slug, NOBODY)

    @pytest.mark.parametrize("slug", ["no-such", "", "a" * 5000, "../x", "a\nb", "\N{SNOWMAN}"])
    def test_odd_slugs_name_nothing(self, db: None, slug: str) -> None:
        with pytest.raises(Problem.DoesNotExist):
            cache.problem_detail(slug, NOBODY)


@pytest.mark.usefixtures("no_redis")
class TestWithoutRedis:
    def test_everything_comes_from_the_database(self, problem: Problem) -> None:
        assert cache.problem_list() == detail.public_list()
        assert cache.problem_detail(problem.slug, NOBODY) == detail.of(problem)

    def test_changes_are_no_error(self, problem: Problem, committed: Any) -> None:
        with committed():
            problem.version.set_time_limit(77)  # type: ignore[union-attr]
        assert cache.problem_detail(problem.slug, NOBODY)["timeLimitMs"] == 77

    def test_redis_is_left_alone_after_a_failure_and_tried_again_later(
        self, problem: Problem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempt = Mock(wraps=cache._attempt)
        monkeypatch.setattr(cache, "_attempt", attempt)
        for _ in range(5):
            cache.problem_list()
        assert attempt.call_count == 1
        monkeypatch.setattr(cache, "_rests_until", time.monotonic() - 1)
        cache.problem_list()
        assert attempt.call_count == 2


class TestHangingRedis:
    def test_it_costs_one_timeout_and_not_one_for_each_request(
        self, problem: Problem, settings: Any, tmp_path: Path
    ) -> None:
        address = str(tmp_path / "hangs.sock")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(address)
            server.listen(64)  # it takes connections, and never says a word
            settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"unix://{address}"}}
            began = time.monotonic()
            for _ in range(20):
                cache.problem_list()
                cache.problem_detail(problem.slug, NOBODY)
            assert time.monotonic() - began < 10 * settings.REDIS_TIMEOUT_SECONDS
