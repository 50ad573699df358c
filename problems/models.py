"""Problems and their versions.

A **Problem** is a name that lasts: slug, owner, whether it is public. A **ProblemVersion** is one import of its
package and never changes, but for a time limit measured later. Judgements point at the version they were made with;
`Problem.version` is the one that counts now, and is empty until there is one whose time limit is known.

Test data stands in files (`problems.blobs`), not in rows: a version lists names.
"""

from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal

from accounts.models import User
from judge.web.ids import uuid7
from problems.content import (
    Asset,
    CheckerFlags,
    Credits,
    JuryProgram,
    JuryRule,
    Statement,
    TestCase,
    Timing,
    plain,
    tags_of,
)

__all__ = [
    "Asset",
    "CheckerFlags",
    "Credits",
    "JuryProgram",
    "JuryRule",
    "Problem",
    "ProblemVersion",
    "Statement",
    "TestCase",
    "Timing",
    "bulk_changed",
    "plain",
]

MAX_TIME_LIMIT_MS = 120_000  # at half a CPU one test may then take eight minutes
MAX_TROUBLE = 500
MIN_DIFFICULTY, MAX_DIFFICULTY = 1, 10
NOT_FOR_JUDGING = ("statements_json", "credits_json", "assets_json", "jury_json", "notes_json")
NOT_FOR_SENDING = (*NOT_FOR_JUDGING, "test_cases_json")

# Sent when rows changed without a post_save each: `QuerySet.update`, `bulk_update`, `bulk_create`.
bulk_changed = Signal()

Row = TypeVar("Row", bound=models.Model)


class AnnouncingQuerySet(models.QuerySet[Row]):
    """Says when many rows changed at once, which Django itself does not."""

    def update(self, **values: Any) -> int:
        count = super().update(**values)
        bulk_changed.send(self.model)
        return count

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        made = super().bulk_create(objs, *args, **kwargs)
        bulk_changed.send(self.model)
        return made

    def bulk_update(self, objs: Iterable[Row], fields: Iterable[str], batch_size: int | None = None) -> int:
        count = super().bulk_update(objs, fields, batch_size)
        bulk_changed.send(self.model)
        return count


class ProblemQuerySet(AnnouncingQuerySet["Problem"]):
    def public(self) -> Self:
        """What everybody may read: published, with a version whose time limit is known."""
        return self.filter(is_public=True, version__isnull=False)

    def with_version_to_submit_to(self) -> Self:
        """With the version that counts, but for what only its readers and judges need of it, which may be megabytes."""
        return self.select_related("version").defer(*(f"version__{name}" for name in NOT_FOR_SENDING))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """What `user` may read: the public ones, their own, and all for staff."""
        if user.is_staff:
            return self
        public = Q(is_public=True, version__isnull=False)
        return self.filter(public | Q(owner_id=user.pk)) if user.is_authenticated else self.filter(public)


class Problem(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=100, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="problems")
    version = models.ForeignKey("ProblemVersion", models.RESTRICT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    is_public = models.BooleanField(default=False, help_text="Shown to everybody once its time limit is known.")
    tags = models.JSONField(default=list, blank=True, help_text="A list of words, at first the package's keywords.")
    difficulty = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(MIN_DIFFICULTY), MaxValueValidator(MAX_DIFFICULTY)],
        help_text="From 1 to 10. Empty: estimated by how many of those who try solve it.",
    )
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def is_visible_to(self, user: User | AnonymousUser) -> bool:
        """The rule of `ProblemQuerySet.visible_to`, for one problem at hand."""
        return self.is_edited_by(user) or (self.is_public and self.version_id is not None)

    def is_edited_by(self, user: User | AnonymousUser) -> bool:
        return user.is_staff or (user.is_authenticated and self.owner_id == user.pk)

    def newest_version(self) -> "ProblemVersion | None":
        return self.versions.order_by("number").last()

    def adopt(self, version: "ProblemVersion") -> None:
        """Make `version` the one that counts. Its keywords become the tags, unless somebody has edited those."""
        if self.tags == (self.version.tags if self.version else []):
            self.tags = version.tags
        self.version = version
        self.title = version.title
        self.save(update_fields=["version", "title", "tags", "updated"])


class ProblemVersion(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    package_format = models.CharField(max_length=20)
    content_digest = models.CharField(max_length=64, help_text="SHA-256 of all that the package said.")
    archive = models.CharField(max_length=64, blank=True, help_text="The blob of the package itself; empty: not kept.")
    created = models.DateTimeField(auto_now_add=True)
    time_limit_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Empty until it has been measured.")
    trouble = models.CharField(max_length=MAX_TROUBLE, blank=True, help_text="Why its time limit can't be measured.")
    memory_limit_mb = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the container's default.")
    output_limit_mb = models.PositiveIntegerField(null=True, blank=True)
    languages = models.JSONField(default=list, help_text="Codes of those it may be solved in; empty: all.")
    statements_json = models.JSONField(default=list)
    credits_json = models.JSONField(default=dict)
    checker_json = models.JSONField(default=dict)
    timing_json = models.JSONField(default=dict)
    test_cases_json = models.JSONField(default=list)
    test_count = models.PositiveIntegerField(default=0, help_text="So that nobody reads them all to count them.")
    jury_json = models.JSONField(default=list)
    assets_json = models.JSONField(default=list)
    notes_json = models.JSONField(default=list, help_text="What its import found odd.")

    objects = AnnouncingQuerySet["ProblemVersion"].as_manager()

    class Meta:
        ordering = ["problem", "number"]
        constraints = [models.UniqueConstraint(fields=["problem", "number"], name="one_version_of_a_number")]

    def __str__(self) -> str:
        return f"{self.problem.slug} v{self.number}"

    @property
    def title(self) -> str:
        """In English, or else in the first language there is."""
        titles = {statement.language: statement.title for statement in self.statements}
        return titles.get("en") or next(iter(titles.values()))

    @property
    def statements(self) -> list[Statement]:
        return [Statement(**item) for item in self.statements_json]

    @property
    def credits(self) -> Credits:
        return Credits(**self.credits_json)

    @property
    def tags(self) -> list[str]:
        """What its keywords make."""
        return tags_of(self.credits.keywords)

    @property
    def checker(self) -> CheckerFlags:
        return CheckerFlags(**self.checker_json)

    @property
    def timing(self) -> Timing:
        return Timing(**self.timing_json)

    @property
    def test_cases(self) -> list[TestCase]:
        return [TestCase.from_json(item) for item in self.test_cases_json]

    @property
    def jury(self) -> list[JuryProgram]:
        return [JuryProgram.from_json(item) for item in self.jury_json]

    @property
    def assets(self) -> list[Asset]:
        return [Asset(**item) for item in self.assets_json]

    def checker_of(self, test: TestCase) -> CheckerFlags:
        """The flags that judge `test`: its own, else those of the version."""
        return test.checker or self.checker

    def set_time_limit(self, milliseconds: int) -> None:
        """Store a measured time limit; the newest version becomes the one that counts by it.

        Raises ValueError unless it is from 1 to MAX_TIME_LIMIT_MS.
        """
        if not 1 <= milliseconds <= MAX_TIME_LIMIT_MS:
            raise ValueError(f"A time limit is from 1 to {MAX_TIME_LIMIT_MS} ms, not {milliseconds}.")
        with transaction.atomic():
            problem = Problem.objects.select_for_update(no_key=True).get(pk=self.problem_id)
            self.time_limit_ms = milliseconds
            self.save(update_fields=["time_limit_ms"])
            if problem.newest_version() == self:
                problem.adopt(self)
