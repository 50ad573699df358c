"""The state of all parts, gathered when asked for; each part that doesn't answer says so and hides no other."""

import resource
import time
from dataclasses import asdict
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.utils import timezone

from execution import capacity
from execution.capacity import WorkerStat
from execution.models import Judgement
from execution.states import State
from health.watch import watch

Json = dict[str, Any]


def readiness() -> Json:
    """Whether everything that judging needs is there: {"ready", "database", "redis", "judge", "maintenance"}."""
    workers = _workers()
    roles = {worker.role for worker in workers or []}
    parts = {
        "database": _database_answers(),
        "redis": workers is not None,
        "judge": "judge" in roles,
        "maintenance": "maintenance" in roles,
    }
    return {"ready": all(parts.values()), **parts}


def detailed() -> Json:
    """Status, uptime, memory, queue, pool, workers, Redis, database."""
    workers = _workers()
    judges = [worker for worker in workers or [] if worker.role == "judge"]
    queue = _queue()
    healthy = workers is not None and queue is not None and bool(judges)
    return {
        "status": "ok" if healthy else "degraded",
        "timestamp": timezone.now().isoformat().replace("+00:00", "Z"),
        "uptime": round(time.monotonic() - watch.started, 1),
        "memory": {"peakRssKb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss},
        "queue": queue,
        "pool": {
            figure: sum(getattr(worker, figure) for worker in judges)
            for figure in ("idle", "running", "created", "destroyed", "reused")
        },
        "workers": [asdict(worker) for worker in workers or []],
        "redis": {"up": workers is not None},
        "database": {"up": queue is not None, "engine": connection.vendor},
    }


def _workers() -> list[WorkerStat] | None:
    """None where Redis does not answer."""
    try:
        return capacity.workers()
    except capacity.Unknown:
        return None


def _database_answers() -> bool:
    try:
        Judgement.objects.exists()
    except DatabaseError:
        return False
    return True


def _queue() -> Json | None:
    """How much waits and runs, and how long (seconds) the oldest has waited; None where the database is away."""
    try:
        rows = Judgement.objects.filter(state__in=[State.QUEUED, State.RUNNING]).order_by()
        states = {row["state"]: row for row in rows.values("state").annotate(n=Count("pk"), oldest=Min("queued_at"))}
    except DatabaseError:
        return None
    waiting = states.get(State.QUEUED)
    return {
        "waiting": waiting["n"] if waiting else 0,
        "active": states[State.RUNNING]["n"] if State.RUNNING in states else 0,
        "oldestWaitSeconds": round((timezone.now() - waiting["oldest"]).total_seconds(), 1) if waiting else 0,
    }
