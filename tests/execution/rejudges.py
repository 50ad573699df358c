"""Submissions that were judged, and rejudgings of them."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from execution import rejudging
from execution.models import Judgement, Rejudging, Stage, Submission
from execution.sandbox.fake import Handler, report
from execution.selection import Selection
from execution.states import State
from problems.models import Problem
from tests.execution.programs import new_worker, on_tests, solves
from tests.factories import make_submission

wrong = on_tests(report(b"wrong"))


def judged(problem: Problem, owner: User | None, verdict: str = "WA", **fields: Any) -> Submission:
    fields = {"state": State.COMPLETED, "verdict": verdict, "score": float(verdict == "AC"), "attempt": 1} | fields
    return make_submission(problem, owner, started_at=timezone.now(), **fields)


def begin(*, is_preview: bool = False, **selection: Any) -> Rejudging | None:
    chosen = Selection(**selection)
    return rejudging.start(chosen.submissions(), chosen.words, None, is_preview=is_preview)


def begun(**selection: Any) -> Rejudging:
    made = begin(**selection)
    assert made
    return made


def judge_all(handler: Handler = solves) -> None:
    """What a worker and the sweeper do until nothing is left."""
    worker = new_worker(handler)
    for _ in range(10):
        rejudging.advance()
        for _ in Judgement.objects.filter(state=State.QUEUED):
            worker.judge_one()
    assert not Rejudging.objects.filter(stage=Stage.RUNNING).exists()


def verdict_of(submission: Submission) -> str:
    current = Submission.objects.select_related("current").get(pk=submission.pk).current
    return current.verdict if current else ""


def stage(row: Rejudging) -> str:
    return Rejudging.objects.get(pk=row.pk).stage
