"""Where a judgement stands in its life. What came of it is a verdict (`execution.verdicts`), never a state."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """queued → running → completed | failed; running → queued when a lease ran out and attempts are left."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", pgettext_lazy("judging", "Running")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")


UNFINISHED = (State.QUEUED, State.RUNNING)
TERMINAL = frozenset({State.COMPLETED, State.FAILED})


class Priority(models.IntegerChoices):
    """Which queued judgement goes first: the smallest number, then the oldest."""

    SUBMISSION = 10, "submission"
    RUN = 20, "run"
    REJUDGE = 30, "rejudge"
    JURY = 40, "jury"


# Those that the admission bound counts; the others are fed in gradually by ourselves.
ADMITTED = (Priority.SUBMISSION, Priority.RUN)
