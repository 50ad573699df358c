"""Submissions and their judgements.

A **Submission** is what somebody sent and never changes, but for `current`. A **Judgement** is one judging of it. Its
life is a state machine whose every move is one conditional UPDATE on its state, and where a worker holds it on which of
its claims that is (`execution.grading`), so that two workers can never both own a judgement, and one believed dead
can't overwrite its successor's result. The database is the truth: whoever holds the row holds the work.
"""

from typing import TypedDict

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from execution.states import Priority, State
from execution.verdicts import Verdict
from judge.web.ids import uuid7
from problems.models import Problem, ProblemVersion


class Kind(models.TextChoices):
    SUBMISSION = "submission", "Submission"
    RUN = "run", "Run"
    JURY = "jury", "Jury submission"


class SourceFile(TypedDict):
    name: str
    content: str


class Submission(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.SUBMISSION)
    problem = models.ForeignKey(Problem, models.CASCADE, null=True, blank=True, related_name="submissions")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="submissions"
    )
    session = models.CharField(max_length=64, blank=True, help_text="Who sent it, where nobody was signed in.")
    language = models.CharField(max_length=32)
    files = models.JSONField(help_text="A list of {name, content}.")
    input = models.TextField(blank=True, help_text="A run's own input.")
    jury_path = models.CharField(max_length=300, blank=True, help_text="Which of its package's submissions it is.")
    created = models.DateTimeField(auto_now_add=True)
    current = models.ForeignKey("Judgement", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [
            models.Index(fields=["kind", "-created", "-id"], name="submission_by_age"),
            models.Index(fields=["-created", "-id"], name="submission_by_newest"),
            models.Index(fields=["problem", "-created", "-id"], name="submission_by_problem"),
            models.Index(fields=["owner", "-created", "-id"], name="submission_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def api_url(self) -> str:
        """Where the API shows it."""
        return reverse("api_run" if self.kind == Kind.RUN else "api_submission", args=[self.pk])


class Judgement(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="judgements")
    version = models.ForeignKey(ProblemVersion, models.CASCADE, null=True, blank=True, related_name="judgements")
    image = models.CharField(max_length=32, help_text="The runner image that judges it, and so its queue.")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.SUBMISSION)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="How often a worker has claimed it.")
    worker = models.CharField(max_length=100, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=3, choices=[(v.value, v.words) for v in Verdict], blank=True)
    score = models.FloatField(null=True, blank=True)
    time_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Of the slowest test.")
    memory_kb = models.PositiveIntegerField(null=True, blank=True, help_text="Of the hungriest test.")
    result = models.JSONField(default=dict, blank=True, help_text="All tests, and the compiler's words.")
    failure = models.CharField(max_length=500, blank=True, help_text="Why the platform could not judge it.")

    class Meta:
        ordering = ["-queued_at", "-id"]
        indexes = [
            models.Index(fields=["state", "image", "priority", "queued_at"], name="judgement_claim"),
            models.Index(fields=["submission", "-queued_at"], name="judgement_of_submission"),
            models.Index(fields=["verdict"], name="judgement_verdict"),
            models.Index(fields=["finished_at"], name="judgement_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.state} judgement of {self.submission_id}"


class Standing(models.Model):
    """What a user has done on a problem: derived from their submissions (`execution.standing`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="standings")
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="standings")
    attempts = models.PositiveIntegerField(help_text="Submissions that were judged.")
    accepted = models.PositiveIntegerField(help_text="Those of them that were accepted.")
    solved_at = models.DateTimeField(null=True, blank=True, help_text="When the first accepted one was sent.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user", "problem"], name="one_standing_on_a_problem")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.problem_id}"


class ProblemStats(models.Model):
    """The standings on a problem, added up."""

    problem = models.OneToOneField(Problem, models.CASCADE, primary_key=True, related_name="stats")
    submissions = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    tried = models.PositiveIntegerField(help_text="Users who were judged on it.")
    solvers = models.PositiveIntegerField()
    difficulty = models.PositiveSmallIntegerField(null=True, help_text="From 1 to 10; empty where too few have tried.")

    class Meta:
        verbose_name_plural = "problem stats"

    def __str__(self) -> str:
        return f"stats of {self.problem_id}"


class Rank(models.Model):
    """A user's standings on the public problems, added up. Who has solved none, or is banned, has none."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="rank")
    points = models.PositiveIntegerField()
    solved = models.PositiveIntegerField()
    last_solved_at = models.DateTimeField()

    class Meta:
        ordering = ["-points", "-solved", "last_solved_at", "user"]
        indexes = [models.Index(fields=["-points", "-solved", "last_solved_at", "user"], name="rank_by_points")]

    def __str__(self) -> str:
        return f"{self.points} points of {self.user_id}"


class Stage(models.TextChoices):
    """preparing → running → applied | cancelled; with a preview: preparing → running → judged → applied | discarded.

    Before the last step it is applying or cancelling: with many submissions that takes a while.
    """

    PREPARING = "preparing", _("Being prepared")
    RUNNING = "running", pgettext_lazy("judging", "Running")
    JUDGED = "judged", _("To be decided")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    CANCELLING = "cancelling", _("Being cancelled")
    DISCARDED = "discarded", _("Discarded")
    CANCELLED = "cancelled", _("Cancelled")


UNDER_WAY = (Stage.PREPARING, Stage.RUNNING)


class Rejudging(models.Model):
    """Submissions that somebody had judged once more (`execution.rejudging`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    words = models.CharField(max_length=500, help_text="Which submissions were asked for.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    is_preview = models.BooleanField(help_text="Whether its results count only once they are applied.")
    is_cut_short = models.BooleanField(default=False, help_text="Whether some that were asked for may be missing.")
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.RUNNING)
    created = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created", "-id"]
        indexes = [models.Index(fields=["stage"], name="rejudging_stage")]

    def __str__(self) -> str:
        return f"rejudging of {self.words}"

    def get_absolute_url(self) -> str:
        return reverse("rejudging", args=[self.pk])


class Rejudge(models.Model):
    """One submission of a rejudging. Without a judgement it is not fed to the queue yet."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rejudging = models.ForeignKey(Rejudging, models.CASCADE, related_name="rejudges")
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="+")
    before = models.ForeignKey(Judgement, models.SET_NULL, null=True, blank=True, related_name="+")
    judgement = models.ForeignKey(Judgement, models.SET_NULL, null=True, blank=True, related_name="rejudges")
    is_open = models.BooleanField(default=True, help_text="Whether it is still to be judged or decided about.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["rejudging", "submission"], name="one_rejudge_in_a_rejudging"),
            models.UniqueConstraint(
                fields=["submission"], condition=models.Q(is_open=True), name="one_open_rejudge_of_a_submission"
            ),
        ]
        indexes = [models.Index(fields=["is_open", "judgement", "id"], name="rejudge_feeding")]

    def __str__(self) -> str:
        return f"rejudge of {self.submission_id}"


# Those that are open. As `is_open=True` it would be a bare column, which SQLite finds by no index.
IS_OPEN = models.Q(is_open__in=[True])


class Pause(models.Model):
    """While it is there nothing is claimed: of its problem, or of all where it names none (`execution.pausing`)."""

    id = models.CharField(primary_key=True, max_length=36, help_text="Its problem's, or `all`: there is one of each.")
    problem = models.OneToOneField(Problem, models.CASCADE, null=True, blank=True, related_name="+")
    since = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["since", "id"]

    def __str__(self) -> str:
        return f"judging of {self.problem or 'everything'} is paused"


class QueueCounter(models.Model):
    """How many admitted judgements are queued: one row, moved by conditional UPDATE in the same transaction as they."""

    id = models.CharField(primary_key=True, max_length=20)
    queued = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.queued} queued"
