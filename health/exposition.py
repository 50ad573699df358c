"""/metrics of the web, as Prometheus' text.

Where each number comes from:

* What all processes share is read when it is asked for: the queue from the database, the workers and their pools from
  what they announce in Redis. So it is right whichever of the web's processes is asked, and not there (rather than
  wrong) while what it is read from is away; `verdict_dependency_up` tells.
* What only the web's processes know, their requests and refusals, they count in files, in prometheus-client's
  multiprocess mode (judge/gunicorn.py names the directory); whoever is asked adds them up. In Redis, counting would
  cost each request a round trip, and a hanging Redis would hang them all.
* What a worker counts it shows on its own port (WORKER_METRICS_PORT): handed on through Redis, it would lose what was
  counted since the last time, and be counted twice where both are scraped.
"""

import os
from collections.abc import Iterator

import prometheus_client
from django.conf import settings
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from execution.capacity import WorkerStat
from execution.metrics import pool_metrics
from execution.states import Priority, State
from health import report
from health.report import QueueLine

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_PLAIN_0_0_4


def exposition() -> bytes:
    """All that this web server knows."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:  # the only process there is
        registry.register(prometheus_client.REGISTRY)
    registry.register(_Shared())
    return prometheus_client.generate_latest(registry)


class _Shared(Collector):
    """What the database and Redis know."""

    def collect(self) -> Iterator[Metric]:
        lines, alive = report.queue(), report.workers()
        up = GaugeMetricFamily("verdict_dependency_up", "Whether it answers.", labels=["dependency"])
        up.add_metric(["database"], lines is not None)
        up.add_metric(["redis"], alive is not None)
        yield up
        if lines is not None:
            yield from _queue(lines)
        if lines is not None and (paused := report.pauses()) is not None:
            yield _pauses(paused)
        if alive is not None:
            yield _workers(alive)
            yield from pool_metrics(report.judges_of(alive))


def _pauses(paused: report.Json) -> Metric:
    count = GaugeMetricFamily("verdict_judging_paused", "Pauses of judging that are on.", labels=["scope"])
    count.add_metric(["everything"], paused["everything"])
    count.add_metric(["problem"], paused["problems"])
    return count


def _workers(alive: list[WorkerStat]) -> Metric:
    roles = [worker.role for worker in alive]
    count = GaugeMetricFamily("verdict_workers", "Workers that are alive.", labels=["role"])
    for role in ("judge", "maintenance"):
        count.add_metric([role], roles.count(role))
    return count


def _queue(lines: list[QueueLine]) -> Iterator[Metric]:
    counts = {(line.state, line.priority): line for line in lines}
    depth = GaugeMetricFamily(
        "verdict_queue_judgements", "Judgements that wait or are judged.", labels=["state", "priority"]
    )
    wait = GaugeMetricFamily(
        "verdict_queue_oldest_wait_seconds", "How long the oldest of those that wait has waited.", labels=["priority"]
    )
    for priority in Priority:
        for state in (State.QUEUED, State.RUNNING):
            line = counts.get((state, priority))
            depth.add_metric([state.value, priority.label], line.count if line else 0)
            if state is State.QUEUED:
                wait.add_metric([priority.label], line.wait_seconds if line else 0)
    yield from (depth, wait)
    yield GaugeMetricFamily(
        "verdict_queue_limit", "How many submissions and runs may wait.", value=settings.QUEUE_LIMIT
    )
