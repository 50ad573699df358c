"""What a process counts and times for Prometheus, beside what the database and Redis know already.

Each process counts for itself. A worker is one process and shows its counts on a port of its own (`serve`); those of
the web's processes are added up where one of them is asked (`health.exposition`). Labels have few values: no names of
users, problems or submissions.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import prometheus_client
from django.conf import settings
from django.utils import timezone
from prometheus_client import Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from execution.capacity import WorkerStat
from execution.languages import LANGUAGES
from execution.models import Judgement, Kind
from execution.sandbox.interface import PoolStat, Profile, Sandbox, SandboxPool
from execution.sandbox.pool import Source
from execution.sandbox.shelf import Pooled
from execution.states import Priority
from execution.verdicts import Verdict

log = logging.getLogger(__name__)

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter began tells nobody anything

JUDGING_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
WAIT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
START_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LEASE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_RAN = "ran"
_verdicts = Counter(
    "verdict_verdicts", f'Judgements that came to a verdict; that of a run that went well is "{_RAN}".',
    ["language", "kind", "verdict"],
)  # fmt: skip
_judging = Histogram(
    "verdict_judging_seconds", "From a worker's claim to the stored verdict.", ["language"], buckets=JUDGING_BUCKETS
)
_queue_wait = Histogram(
    "verdict_queue_wait_seconds", "From the queue to a worker's claim, of what came to a verdict.", ["priority"],
    buckets=WAIT_BUCKETS,
)  # fmt: skip
_attempts_lost = Counter("verdict_attempts_lost", "Attempts to judge that came to no verdict.", ["reason"])
_failures = Counter("verdict_judgements_failed", "Judgements that were given up without a verdict.")
_refusals = Counter("verdict_submissions_refused", "Submissions and runs that were not taken.", ["reason"])
# What never happened stands at 0: Prometheus takes the first time for no change where there was nothing before.
for _reason in ("the sandbox failed", "judging took too long in all", "an internal error", "its worker went away"):
    _attempts_lost.labels(_reason)
for _reason in ("rate", "disk_full", "own_queue_full", "queue_full", "paused", "dropped"):
    _refusals.labels(_reason)

_leases = Histogram(
    "verdict_pool_lease_wait_seconds", "How long it took to be given a sandbox.", ["image"], buckets=LEASE_BUCKETS
)
_starts = Histogram(
    "verdict_pool_start_seconds", "How long it took to make and start a sandbox.", ["image"], buckets=START_BUCKETS
)


# -- Judging -----------------------------------------------------------------------------------------------------------
def judged(judgement: Judgement, verdict: str) -> None:
    """A claimed judgement has its verdict now; "" for a run that went well."""
    submission, now = judgement.submission, timezone.now()
    started = judgement.started_at or now
    _verdicts.labels(submission.language, submission.kind, verdict or _RAN).inc()
    _judging.labels(submission.language).observe(_seconds(started, now))
    priority = Priority(judgement.priority).label
    _queue_wait.labels(priority).observe(_seconds(judgement.queued_at, started))


def _seconds(began: datetime, ended: datetime) -> float:
    """None where a clock was put back meanwhile, or two machines' clocks differ."""
    return max(0.0, (ended - began).total_seconds())


def attempt_lost(reason: str) -> None:
    """An attempt came to nothing; `reason` is one of a few."""
    _attempts_lost.labels(reason).inc()


def failed() -> None:
    """A judgement was given up."""
    _failures.inc()


def refused(reason: str) -> None:
    """Somebody's submission was not taken, or one was dropped for it; `reason` is one of a few."""
    _refusals.labels(reason).inc()


# -- The pool ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TimedSource:
    """A pool's source of sandboxes, with each start timed."""

    source: Source

    def memory_mb(self, profile: Profile) -> int:
        return self.source.memory_mb(profile)

    def create(self, image: str, memory_mb: int) -> Pooled:
        with _starts.labels(image).time():
            return self.source.create(image, memory_mb)

    def tend(self) -> None:
        self.source.tend()

    def close(self) -> None:
        self.source.close()


@dataclass(frozen=True, slots=True)
class TimedPool:
    """A pool, with each wait for a sandbox timed: for a turn, and for a start where none was warm."""

    pool: SandboxPool

    @contextmanager
    def lease(self, profile: Profile) -> Iterator[Sandbox]:
        began = time.monotonic()
        with ExitStack() as stack:
            sandbox = stack.enter_context(self.pool.lease(profile))
            _leases.labels(profile.image).observe(time.monotonic() - began)
            yield sandbox

    def stat(self) -> PoolStat:
        return self.pool.stat()

    def close(self) -> None:
        self.pool.close()

    def abort(self) -> None:
        self.pool.abort()


def pool_metrics(workers: Sequence[WorkerStat]) -> Iterator[Metric]:
    """The pools of judge workers, each under its worker's name."""
    sandboxes = GaugeMetricFamily("verdict_pool_sandboxes", "Sandboxes that are there.", labels=["worker", "state"])
    for worker in workers:
        sandboxes.add_metric([worker.name, "idle"], worker.idle)
        sandboxes.add_metric([worker.name, "running"], worker.running)
    yield sandboxes
    for figure, words in [
        ("created", "Sandboxes that were made."),
        ("destroyed", "Sandboxes that were destroyed."),
        ("reused", "Leases of a sandbox that was there already."),
    ]:
        family = CounterMetricFamily(f"verdict_pool_{figure}", words, labels=["worker"])
        for worker in workers:
            family.add_metric([worker.name], getattr(worker, figure))
        yield family


# -- The port of a worker ----------------------------------------------------------------------------------------------
class _OwnPool(Collector):
    """The figures of this process's pool, as they are when asked for."""

    def __init__(self, stat: Callable[[], WorkerStat]) -> None:
        self._stat = stat

    def collect(self) -> Iterator[Metric]:
        return pool_metrics([self._stat()])


def serve_judge(stat: Callable[[], WorkerStat]) -> None:
    """Show what this judge worker counts, and its pool, on WORKER_METRICS_PORT."""
    if settings.WORKER_METRICS_PORT:
        _begin_at_zero()
        REGISTRY.register(_OwnPool(stat))
        _serve(settings.WORKER_METRICS_PORT)


def _begin_at_zero() -> None:
    """What only a judge worker counts: other processes need not show that they never did."""
    for language, kind, verdict in product(LANGUAGES, Kind, Verdict):
        _verdicts.labels(language, kind, _RAN if kind == Kind.RUN and verdict is Verdict.AC else verdict)


class _OwnSweeps(Collector):
    """When this process's last sweep ended."""

    def __init__(self, last: Callable[[], float]) -> None:
        self._last = last

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "verdict_last_sweep_timestamp_seconds", "When the last sweep that was made ended, or the worker began.",
            value=self._last(),
        )  # fmt: skip


def serve_maintenance(last_sweep: Callable[[], float]) -> None:
    """Show what this maintenance worker counts, and when it swept, on the port after WORKER_METRICS_PORT."""
    if settings.WORKER_METRICS_PORT:
        REGISTRY.register(_OwnSweeps(last_sweep))
        _serve(settings.WORKER_METRICS_PORT + 1)


def _serve(port: int) -> None:
    """From a thread of its own. A port that can't be had is no reason to judge nothing."""
    try:
        prometheus_client.start_http_server(port, settings.WORKER_METRICS_HOST)
    except OSError as error:
        log.error("no metrics on port %d: %s", port, error)
