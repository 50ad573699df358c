"""What Prometheus gets, and who gets it."""

import re
import socket
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import REGISTRY
from rest_framework.exceptions import APIException

from accounts.models import User
from execution import admission, capacity, grading, metrics
from execution.admission import Sender
from execution.capacity import WorkerStat
from execution.languages import LANGUAGES
from execution.metrics import TimedPool, TimedSource
from execution.models import Judgement, Kind
from execution.sandbox.fake import FakePool, report
from execution.sandbox.interface import Profile, SandboxBroken
from execution.states import Priority, State
from execution.verdicts import Verdict
from problems.models import Problem
from tests.execution.programs import new_worker, on_tests, raising
from tests.factories import make_submission

TOKEN = "a token of some length"


def value(name: str, **labels: str) -> float:
    """What this process has counted; 0 where it has counted nothing."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def scrape(client: Client, settings: Any) -> Callable[[], dict[tuple[str, frozenset[tuple[str, str]]], float]]:
    settings.METRICS_TOKEN = TOKEN

    def scraped() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200
        families = text_string_to_metric_families(response.content.decode())
        return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}

    return scraped


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


@pytest.mark.django_db
class TestWhoMayRead:
    def test_staff_may(self, client: Client, contestant: User, staff: User) -> None:
        assert client.get("/metrics").status_code == 401
        client.force_login(contestant)
        assert client.get("/metrics").status_code == 403
        client.force_login(staff)
        response = client.get("/metrics")
        assert response.status_code == 200
        assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"

    def test_who_has_the_token_may(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = TOKEN
        for given, status in [(TOKEN, 200), (TOKEN[:-1], 401), ("", 401)]:
            assert client.get("/metrics", headers={"Authorization": f"Bearer {given}"}).status_code == status

    def test_without_a_token_set_none_opens_it(self, client: Client) -> None:
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401

    def test_the_token_opens_nothing_else(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = TOKEN
        assert client.get("/health/detailed", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401

    def test_it_is_text_whatever_is_asked_for(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = TOKEN
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/openmetrics-text;version=1.0.0"}
        assert client.get("/metrics", headers=headers).status_code == 200


@pytest.mark.django_db
class TestTheWebs:
    def test_it_tells_how_deep_the_queue_is(self, scrape: Any, problem: Problem, contestant: User) -> None:
        for _ in range(2):
            make_submission(problem, contestant, queued_at=timezone.now() - timedelta(seconds=90))
        make_submission(problem, contestant, state=State.RUNNING, priority=Priority.JURY)
        found = scrape()
        assert found[key("verdict_queue_judgements", state="queued", priority="submission")] == 2
        assert found[key("verdict_queue_judgements", state="running", priority="jury")] == 1
        assert found[key("verdict_queue_judgements", state="queued", priority="rejudge")] == 0
        assert 90 <= found[key("verdict_queue_oldest_wait_seconds", priority="submission")] < 120
        assert found[key("verdict_queue_oldest_wait_seconds", priority="jury")] == 0
        assert found[key("verdict_queue_limit")] == 100

    def test_it_tells_of_workers_and_their_pools(self, scrape: Any) -> None:
        capacity.announce(WorkerStat("a:1", "judge", ["python3"], 3, idle=2, running=1, created=5, reused=7))
        found = scrape()
        assert found[key("verdict_workers", role="judge")] == 1
        assert found[key("verdict_workers", role="maintenance")] == 0
        assert found[key("verdict_pool_sandboxes", worker="a:1", state="idle")] == 2
        assert found[key("verdict_pool_sandboxes", worker="a:1", state="running")] == 1
        assert found[key("verdict_pool_created_total", worker="a:1")] == 5
        assert found[key("verdict_pool_reused_total", worker="a:1")] == 7
        assert found[key("verdict_dependency_up", dependency="redis")] == 1
        assert found[key("verdict_dependency_up", dependency="database")] == 1

    def test_what_is_away_is_left_out_and_hides_nothing(self, scrape: Any, settings: Any) -> None:
        cache.clear()
        settings.REDIS_URL = "unix:///nowhere/redis.sock"
        found = scrape()
        assert found[key("verdict_dependency_up", dependency="redis")] == 0
        assert key("verdict_workers", role="judge") not in found
        assert found[key("verdict_queue_limit")] == 100

    def test_requests_are_counted_by_route_not_by_path(self, client: Client, problem: Problem) -> None:
        labels = {"method": "GET", "route": "/problems/<slug:slug>/"}
        before = value("verdict_http_requests_total", status="200", **labels)
        took = value("verdict_http_request_duration_seconds_count", **labels)
        client.get(f"/problems/{problem.slug}/")
        assert value("verdict_http_requests_total", status="200", **labels) == before + 1
        assert value("verdict_http_request_duration_seconds_count", **labels) == took + 1

    def test_what_strangers_make_up_is_no_label(self, client: Client) -> None:
        before = value("verdict_http_requests_total", method="other", route="none", status="404")
        client.generic("BREW", "/no/such/path")
        client.generic("BREW2", "/no/such/path/either")
        assert value("verdict_http_requests_total", method="other", route="none", status="404") == before + 2


@pytest.mark.django_db
class TestAWorkers:
    def test_verdicts_are_counted_by_language(self, problem: Problem, contestant: User) -> None:
        labels = {"language": "python3", "kind": "submission", "verdict": "WA"}
        before = value("verdict_verdicts_total", **labels)
        judged = value("verdict_judging_seconds_count", language="python3")
        waited = value("verdict_queue_wait_seconds_sum", priority="submission")
        make_submission(problem, contestant, queued_at=timezone.now() - timedelta(seconds=20))
        new_worker(on_tests(report(b"wrong"))).judge_one()
        assert value("verdict_verdicts_total", **labels) == before + 1
        assert value("verdict_judging_seconds_count", language="python3") == judged + 1
        assert 20 <= value("verdict_queue_wait_seconds_sum", priority="submission") - waited < 40

    def test_a_clock_that_was_put_back_takes_nothing_away(self, problem: Problem, contestant: User) -> None:
        sums = [
            ("verdict_judging_seconds_sum", {"language": "python3"}),
            ("verdict_queue_wait_seconds_sum", {"priority": "submission"}),
        ]
        before = [value(name, **labels) for name, labels in sums]
        later = timezone.now() + timedelta(hours=1)
        judgement = make_submission(problem, contestant, queued_at=later + timedelta(hours=1), started_at=later).current
        metrics.judged(judgement, "AC")  # type: ignore[arg-type]
        assert [value(name, **labels) for name, labels in sums] == before

    def test_a_run_that_went_well_ran(self, contestant: User) -> None:
        before = value("verdict_verdicts_total", language="python3", kind="run", verdict="ran")
        make_submission(None, contestant, input="1\n")
        new_worker(on_tests(report(b"2\n"))).judge_one()
        assert value("verdict_verdicts_total", language="python3", kind="run", verdict="ran") == before + 1

    def test_lost_attempts_and_what_is_given_up_are_counted(self, problem: Problem, contestant: User) -> None:
        lost = value("verdict_attempts_lost_total", reason="the sandbox failed")
        failed = value("verdict_judgements_failed_total")
        make_submission(problem, contestant)
        for _ in range(3):
            new_worker(raising(SandboxBroken("it died"))).judge_one()
        assert value("verdict_attempts_lost_total", reason="the sandbox failed") == lost + 3
        assert value("verdict_judgements_failed_total") == failed + 1

    def test_what_somebody_else_has_given_up_already_is_not_counted_again(
        self, problem: Problem, contestant: User, caplog: pytest.LogCaptureFixture, settings: Any
    ) -> None:
        make_submission(problem, contestant)
        held = grading.claim(["python3"], "w1")
        assert held
        grading.give_up_attempt(held, "the sandbox failed")
        lost = value("verdict_attempts_lost_total", reason="the sandbox failed")
        failed = value("verdict_judgements_failed_total")
        caplog.clear()
        for settings.MAX_ATTEMPTS in (3, 1):
            grading.give_up_attempt(held, "the sandbox failed")
        assert value("verdict_attempts_lost_total", reason="the sandbox failed") == lost
        assert value("verdict_judgements_failed_total") == failed
        assert not caplog.records

    def test_each_reason_is_there_before_it_happens(self) -> None:
        """Prometheus would miss the first one, which is a change from nothing."""
        source = "".join(path.read_text() for path in Path(metrics.__file__).parent.glob("*.py"))
        refusals = set(re.findall(r'metrics\.refused\("(.*?)"\)', source))
        losses = set(re.findall(r'give_up_attempt\(\w+, "(.*?)"\)', source))
        assert len(refusals) > 4
        assert len(losses) > 3
        for reason in refusals:
            assert REGISTRY.get_sample_value("verdict_submissions_refused_total", {"reason": reason}) is not None
        for reason in losses:
            assert REGISTRY.get_sample_value("verdict_attempts_lost_total", {"reason": reason}) is not None

    def test_a_late_result_is_not_counted(self, problem: Problem, contestant: User) -> None:
        labels = {"language": "python3", "kind": "submission", "verdict": "AC"}
        before = value("verdict_verdicts_total", **labels)
        make_submission(problem, contestant)

        def overtaken(stdin: bytes) -> Any:
            Judgement.objects.update(attempt=7)
            return report(b"%d\n" % (int(stdin) + 1))

        new_worker(on_tests(overtaken)).judge_one()
        assert value("verdict_verdicts_total", **labels) == before

    @pytest.mark.parametrize(
        ("limit", "value_of_it", "reason"),
        [
            ("QUEUE_LIMIT_PER_USER", 1, "own_queue_full"),
            ("QUEUE_LIMIT", 1, "queue_full"),
        ],
    )
    def test_refusals_are_counted_by_reason(
        self, contestant: User, problem: Problem, settings: Any, limit: str, value_of_it: int, reason: str
    ) -> None:
        setattr(settings, limit, value_of_it)
        before = value("verdict_submissions_refused_total", reason=reason)
        make_submission(problem, contestant)
        admission.recount()
        with pytest.raises(APIException):
            admission.place_for(Sender(contestant, ""))()
        assert value("verdict_submissions_refused_total", reason=reason) == before + 1

    def test_too_many_a_minute_are_counted(self, contestant: User, settings: Any) -> None:
        settings.SUBMISSIONS_PER_MINUTE = 1
        before = value("verdict_submissions_refused_total", reason="rate")
        admission.check_rate(Sender(contestant, ""))
        with pytest.raises(APIException):
            admission.check_rate(Sender(contestant, ""))
        assert value("verdict_submissions_refused_total", reason="rate") == before + 1


class TestThePool:
    def test_waits_for_a_sandbox_are_timed(self) -> None:
        before = value("verdict_pool_lease_wait_seconds_count", image="rust")
        pool = TimedPool(FakePool(raising(SandboxBroken("it died"))))
        with pool.lease(Profile("rust")) as sandbox:
            sandbox.load({"a": b""})
        assert value("verdict_pool_lease_wait_seconds_count", image="rust") == before + 1
        assert pool.stat().created == 1

    def test_starts_are_timed(self) -> None:
        class Nothing:
            def create(self, image: str, memory_mb: int) -> str:
                return f"{image} of {memory_mb} MB"

        before = value("verdict_pool_start_seconds_count", image="rust")
        assert TimedSource(Nothing()).create("rust", 64) == "rust of 64 MB"  # type: ignore[arg-type, comparison-overlap]
        assert value("verdict_pool_start_seconds_count", image="rust") == before + 1


class TestAWorkersPort:
    @pytest.fixture
    def port(self, settings: Any) -> Iterator[int]:
        collectors = set(REGISTRY._collector_to_names)
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            settings.WORKER_METRICS_PORT = free.getsockname()[1]
        yield settings.WORKER_METRICS_PORT
        for collector in set(REGISTRY._collector_to_names) - collectors:
            REGISTRY.unregister(collector)

    def get(self, port: int) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    def test_it_shows_the_counts_and_the_pool(self, port: int) -> None:
        metrics.serve_judge(lambda: WorkerStat("a:1", "judge", [], 3, idle=2))
        said = self.get(port)
        assert 'verdict_pool_sandboxes{state="idle",worker="a:1"} 2.0' in said
        assert "# TYPE verdict_verdicts_total counter" in said
        assert "process_resident_memory_bytes" in said

    def test_each_verdict_is_there_before_it_happens(self, port: int) -> None:
        metrics.serve_judge(lambda: WorkerStat("a:1", "judge", [], 3))
        families = {family.name: family for family in text_string_to_metric_families(self.get(port))}
        shown = [tuple(sample.labels.values()) for sample in families["verdict_verdicts"].samples]
        outcomes = {kind: set(Verdict) for kind in Kind} | {Kind.RUN: {"ran", *Verdict} - {"AC"}}
        assert set(shown) == {
            (kind, language, outcome) for language in LANGUAGES for kind in Kind for outcome in outcomes[kind]
        }

    def test_it_shows_when_the_last_sweep_ended(self, port: int, settings: Any) -> None:
        settings.WORKER_METRICS_PORT = port - 1
        metrics.serve_maintenance(lambda: 1.7e9)
        assert "verdict_last_sweep_timestamp_seconds 1.7e+09" in self.get(port)

    def test_a_port_that_is_taken_stops_nothing(self, port: int, caplog: pytest.LogCaptureFixture) -> None:
        with closing(socket.create_server(("127.0.0.1", port))):
            metrics.serve_judge(lambda: WorkerStat("a:1", "judge", [], 3))
        assert f"no metrics on port {port}" in caplog.text

    def test_by_default_there_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("prometheus_client.start_http_server", lambda *_: pytest.fail("it listens"))
        metrics.serve_judge(lambda: WorkerStat("a:1", "judge", [], 3))
        metrics.serve_maintenance(lambda: 0.0)
