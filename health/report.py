"""The state of all parts, gathered when asked for; each part that doesn't answer says so and hides no other.

What hangs is waited for ANSWER_SECONDS at most, each time anew: then it is taken for down, and asked nothing.
"""

import resource
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.utils import timezone

from execution import capacity
from execution.capacity import WorkerStat
from execution.models import Judgement, Pause
from execution.states import Priority, State
from health.watch import watch

Json = dict[str, Any]

ANSWER_SECONDS = 0.4
POOL_FIGURES = ("idle", "running", "created", "destroyed", "reused")


@dataclass(frozen=True, slots=True)
class QueueLine:
    """The judgements of one state and priority: how many, and since when the oldest has been waiting."""

    state: State
    priority: Priority
    count: int
    oldest: datetime

    @property
    def wait_seconds(self) -> float:
        """How long the oldest has waited; 0 where it waits no more."""
        return max(0.0, (timezone.now() - self.oldest).total_seconds()) if self.state == State.QUEUED else 0.0


def readiness() -> Json:
    """Whether everything that judging needs is there: {"ready", "database", "redis", "judge", "maintenance"}."""
    alive = workers()
    roles = roles_at_work(alive)
    parts = {
        "database": watch.database.answers(ANSWER_SECONDS),
        "redis": alive is not None,
        "judge": "judge" in roles,
        "maintenance": "maintenance" in roles,
    }
    return {"ready": all(parts.values()), **parts}


def detailed() -> Json:
    """Status, uptime, memory, queue, pool, workers, Redis, database."""
    alive, lines = workers(), queue()
    judges = judges_of(alive)
    healthy = lines is not None and roles_at_work(alive) == {"judge", "maintenance"}
    return {
        "status": "ok" if healthy else "degraded",
        "timestamp": timezone.now().isoformat().replace("+00:00", "Z"),
        "uptime": round(time.monotonic() - watch.started, 1),
        "memory": _memory(),
        "queue": None if lines is None else _queue_body(lines),
        "paused": None if lines is None else pauses(),
        "pool": {figure: sum(getattr(worker, figure) for worker in judges) for figure in POOL_FIGURES},
        "workers": [asdict(worker) for worker in alive or []],
        "redis": {"up": alive is not None},
        "database": {"up": lines is not None, "engine": connection.vendor},
    }


def workers() -> list[WorkerStat] | None:
    """Those that are alive; None where Redis does not answer."""
    if not watch.redis.answers(ANSWER_SECONDS):
        return None
    try:
        return capacity.workers()
    except capacity.Unknown:
        return None


def roles_at_work(alive: Iterable[WorkerStat] | None) -> set[str]:
    """The roles of which there is a worker that can do its work: a judge that gets no sandbox can't."""
    return {worker.role for worker in alive or () if not worker.away}


def judges_of(alive: Iterable[WorkerStat] | None) -> list[WorkerStat]:
    return [worker for worker in alive or () if worker.role == "judge"]


def queue() -> list[QueueLine] | None:
    """What waits and what runs; None where the database does not answer."""
    if not watch.database.answers(ANSWER_SECONDS):
        return None
    rows = Judgement.objects.filter(state__in=[State.QUEUED, State.RUNNING]).order_by()
    counted = rows.values_list("state", "priority").annotate(Count("pk"), Min("queued_at"))
    try:
        return [QueueLine(State(state), Priority(priority), n, oldest) for state, priority, n, oldest in counted]
    except DatabaseError:
        return None


def pauses() -> Json | None:
    """Whether all judging is paused, and of how many problems it is; None where the database does not answer."""
    if not watch.database.answers(ANSWER_SECONDS):
        return None
    try:
        paused = list(Pause.objects.order_by().values_list("problem", flat=True))
    except DatabaseError:
        return None
    return {"everything": None in paused, "problems": sum(problem is not None for problem in paused)}


def count_of(lines: Iterable[QueueLine], state: State) -> int:
    return sum(line.count for line in lines if line.state == state)


def oldest_wait(lines: Iterable[QueueLine]) -> float:
    """Seconds; 0 where nothing waits."""
    return max((line.wait_seconds for line in lines), default=0.0)


def _queue_body(lines: list[QueueLine]) -> Json:
    return {
        "waiting": count_of(lines, State.QUEUED),
        "active": count_of(lines, State.RUNNING),
        "oldestWaitSeconds": round(oldest_wait(lines), 1),
        "limit": settings.QUEUE_LIMIT,
    }


def _memory() -> Json:
    """Of this process: resident now (pages, in the second field of statm) and at its peak, in KiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "rssKb": pages * resource.getpagesize() // 1024,
        "peakRssKb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
