"""Queues judgements: writes the row, and rings the bell once it is committed. Whether there is room others ask."""

from django.db import transaction
from django.utils import timezone

from execution import doorbell
from execution.languages import LANGUAGES
from execution.models import Judgement, Submission
from execution.states import Priority
from judge.web import request_id
from problems.models import ProblemVersion


def enqueue(submission: Submission, version: ProblemVersion | None, priority: Priority) -> None:
    """Save a new submission with a queued judgement that counts, its bell rung on commit; within a transaction."""
    judgement = queued_judgement(submission, version, priority)
    submission.current = judgement  # each points at the other, which is checked on commit
    submission.save(force_insert=True)
    judgement.save(force_insert=True)
    transaction.on_commit(lambda: doorbell.ring(judgement.image) and None)


def queued_judgement(submission: Submission, version: ProblemVersion | None, priority: Priority) -> Judgement:
    """A queued judgement, not saved yet; whoever saves it rings its bell."""
    return Judgement(
        submission=submission,
        version=version,
        image=LANGUAGES[submission.language].image,
        priority=priority,
        queued_at=timezone.now(),
        result={"total": version.test_count if version else 1},
        request_id=request_id.current(),
    )
