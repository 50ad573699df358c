"""A submission as its readers get it: the JSON of the API, which the pages and their polling show as well.

It is cached while the state is unchanged, together with whose it is, and that is checked on every read: a finished or
running submission is polled without a query. The movers of a state write the entry when they commit; a reader who
found none only adds one where there still is none, so that an old answer can't replace a new one.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet

from execution import pausing, places
from execution.access import Ownership, Viewer, find
from execution.engine import TestOutcome
from execution.models import Judgement, Kind, Submission
from execution.states import TERMINAL, State

_TERMINAL_SECONDS = 300
_MOVING_SECONDS = 5  # so that a lost write shows the old state no longer than this
_PROGRESS_SECONDS = 60
_PROGRESS_INTERVAL = 0.05  # seconds between two updates
_BATCH = 500  # entries written at once

Json = dict[str, Any]


def polled(submission_id: UUID, viewer: Viewer, *, is_run: bool = False) -> Json:
    """What the viewer gets to read. Raises Submission.DoesNotExist for what isn't there or isn't theirs.

    `is_run` says which of the two is asked for: a run is not found among the submissions, nor the other way round.
    """
    entry = cache.get(_entry_key(submission_id))
    if entry is None:
        submission = find(submission_id, viewer)
        entry = _entry(submission)
        cache.add(_entry_key(submission_id), entry, _lifetime(entry))
    ownership = Ownership(**entry["ownership"])
    if not ownership.is_open_to(viewer) or is_run != (ownership.kind == Kind.RUN):
        raise Submission.DoesNotExist
    body: Json = entry["body"]
    if body["status"] == State.QUEUED:
        body["paused"] = pausing.is_paused(body.get("problem"))
        body["place"] = None if body["paused"] else places.place_of(entry["attempt"][0])
    if body["status"] == State.RUNNING:
        body |= cache.get(_progress_key(*entry["attempt"])) or {}
    return body


def publish(submission_id: UUID) -> None:
    """On commit, let readers see the submission's new state."""
    transaction.on_commit(lambda: _publish(submission_id), robust=True)  # what is stored stays, seen or not


def forget(submission_ids: Sequence[UUID]) -> None:
    """On commit, show them to nobody any more: they are deleted."""
    keys = [_entry_key(submission_id) for submission_id in submission_ids]
    transaction.on_commit(partial(cache.delete_many, keys), robust=True)


def show(judgement: Judgement) -> None:
    """Let readers see a judgement that was loaded just now, with its submission and problem, if it is what counts."""
    submission = judgement.submission
    if submission.current_id == judgement.pk:
        submission.current = judgement
        _write(submission)


def publish_ended(submission_ids: Sequence[UUID]) -> None:
    """On commit, let readers see the new results of many submissions whose judgement has ended."""
    for start in range(0, len(submission_ids), _BATCH):
        transaction.on_commit(partial(_publish_ended, submission_ids[start : start + _BATCH]), robust=True)


class ProgressShow:
    """Lets readers see how far a running judgement has come, at a tenth of its time at most: Redis may be slow."""

    def __init__(self, judgement: Judgement, total: int) -> None:
        self._key = _progress_key(judgement.pk, judgement.attempt)
        self._total = total
        self._not_before = 0.0

    def update(self, outcomes: Sequence[TestOutcome]) -> None:
        began = time.monotonic()
        if began < self._not_before:
            return
        tests = [test_body(outcome) for outcome in outcomes]
        progress = {"progress": {"done": len(tests), "total": self._total}, "tests": tests}
        cache.set(self._key, progress, _PROGRESS_SECONDS)
        ended = time.monotonic()
        self._not_before = ended + max(_PROGRESS_INTERVAL, 9 * (ended - began))


def test_body(outcome: TestOutcome) -> Json:
    """One test's outcome, as results are stored and shown."""
    return {
        "number": outcome.number,
        "verdict": outcome.verdict.value,
        "timeMs": outcome.time_ms,
        "memoryKb": outcome.memory_kb,
        "isSample": outcome.is_sample,
        "detail": outcome.detail,
    }


def body(submission: Submission) -> Json:
    """The JSON of a submission whose problem and current judgement are loaded."""
    judgement = submission.current
    result = judgement.result if judgement else {}
    tests = result.get("tests", [])
    shown: Json = {
        "id": str(submission.pk),
        "problem": submission.problem.slug if submission.problem else None,
        "language": submission.language,
        "created": submission.created.isoformat().replace("+00:00", "Z"),
        "status": judgement.state if judgement else State.QUEUED,
        "verdict": (judgement.verdict if judgement else "") or None,
        "score": judgement.score if judgement else None,
        "progress": {"done": len(tests), "total": result.get("total", 0)},
        "tests": tests,
        "timeMs": judgement.time_ms if judgement else None,
        "memoryKb": judgement.memory_kb if judgement else None,
        "compileOutput": result.get("compileOutput", ""),
        "failure": (judgement.failure if judgement else "") or None,
        "paused": False,
        "place": None,
    }
    if submission.kind == Kind.RUN:
        del shown["problem"], shown["score"]
        shown |= {"stdout": result.get("stdout", ""), "stderr": result.get("stderr", "")}
    return shown


def _publish(submission_id: UUID) -> None:
    if submission := _shown().filter(pk=submission_id).first():  # it may have been deleted with its sender
        _write(submission)


def _write(submission: Submission) -> None:
    entry = _entry(submission)
    cache.set(_entry_key(submission.pk), entry, _lifetime(entry))


def _publish_ended(submission_ids: Sequence[UUID]) -> None:
    entries = {_entry_key(row.pk): _entry(row) for row in _shown().filter(pk__in=submission_ids)}
    cache.set_many(entries, _TERMINAL_SECONDS)


def _shown() -> QuerySet[Submission]:
    """With what `body` looks at."""
    return Submission.objects.select_related("problem", "current").defer("files", "input")


def _entry(submission: Submission) -> Json:
    return {
        "ownership": asdict(Ownership.of(submission)),
        "attempt": (submission.current_id, submission.current.attempt if submission.current else 0),
        "body": body(submission),
    }


def _lifetime(entry: Json) -> int:
    return _TERMINAL_SECONDS if entry["body"]["status"] in TERMINAL else _MOVING_SECONDS


def _entry_key(submission_id: UUID) -> str:
    return f"submission:{submission_id}"


def _progress_key(judgement_id: UUID, attempt: int) -> str:
    return f"progress:{judgement_id}:{attempt}"
