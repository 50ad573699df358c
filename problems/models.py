"""Problems and their versions.

A **Problem** is a name that lasts: slug, owner, whether it is public. A **ProblemVersion** is one import of its
package and never changes, but for a time limit measured later. Judgements point at the version they were made with;
`Problem.version` is the one that counts now, and is empty until there is one whose time limit is known.

Test data stands in files (`problems.blobs`), not in rows: a version lists names.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from judge.web.ids import uuid7


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test: `input` and `answer` are names in `problems.blobs`."""

    __test__ = False  # not pytest's

    number: int  # from 1, samples first
    name: str  # "secret/group1/03-large"
    is_sample: bool
    input: str
    answer: str
    input_bytes: int
    description: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class JuryProgram:
    """A tagged submission of the package.

    `permitted` and `required` are verdict codes (AC, WA, TLE, RTE in the format's terms): every test's verdict must be
    in the first, and at least one in the second if that isn't empty. `language` is the format's code, "" if unknown.
    """

    path: str  # "submissions/wrong_answer/greedy.py"
    expected: str  # the tag: the directory's name
    language: str
    files: dict[str, str]  # name to blob
    permitted: list[str]
    required: list[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in one natural language: sanitised `html`, or a PDF in the blob `pdf`."""

    language: str  # "en", "pt-BR"
    title: str
    html: str = ""
    pdf: str = ""


@dataclass(frozen=True, slots=True)
class CheckerFlags:
    """The default output validator's flags, as the package format names them. A tolerance of None means none."""

    case_sensitive: bool = False
    space_change_sensitive: bool = False
    float_absolute_tolerance: float | None = None
    float_relative_tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """How a time limit follows from the slowest accepted and the fastest too slow submission (seconds, factors)."""

    ac_to_time_limit: float = 2.0
    time_limit_to_tle: float = 1.5
    resolution_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Asset:
    """A file shown with the statement, or offered for download."""

    name: str
    blob: str
    content_type: str
    is_attachment: bool = False


@dataclass(frozen=True, slots=True)
class Credits:
    """Where the problem comes from, and who may use it how."""

    author: str = ""
    source: str = ""
    source_url: str = ""
    license: str = "unknown"
    rights_owner: str = ""
    keywords: list[str] = field(default_factory=list)


class ProblemQuerySet(models.QuerySet["Problem"]):
    def public(self) -> Self:
        """What everybody may read: published, with a version whose time limit is known."""
        return self.filter(is_public=True, version__isnull=False)

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
    version = models.ForeignKey("ProblemVersion", models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    is_public = models.BooleanField(default=False, help_text="Shown to everybody once its time limit is known.")
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


class ProblemVersion(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    package_format = models.CharField(max_length=20)
    created = models.DateTimeField(auto_now_add=True)
    time_limit_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Empty until it has been measured.")
    memory_limit_mb = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the container's default.")
    output_limit_mb = models.PositiveIntegerField(null=True, blank=True)
    statements_json = models.JSONField(default=list)
    credits_json = models.JSONField(default=dict)
    checker_json = models.JSONField(default=dict)
    timing_json = models.JSONField(default=dict)
    test_cases_json = models.JSONField(default=list)
    jury_json = models.JSONField(default=list)
    assets_json = models.JSONField(default=list)

    class Meta:
        ordering = ["problem", "number"]
        constraints = [models.UniqueConstraint(fields=["problem", "number"], name="one_version_of_a_number")]

    def __str__(self) -> str:
        return f"{self.problem.slug} v{self.number}"

    @property
    def statements(self) -> list[Statement]:
        return [Statement(**item) for item in self.statements_json]

    @property
    def credits(self) -> Credits:
        return Credits(**self.credits_json)

    @property
    def checker(self) -> CheckerFlags:
        return CheckerFlags(**self.checker_json)

    @property
    def timing(self) -> Timing:
        return Timing(**self.timing_json)

    @property
    def test_cases(self) -> list[TestCase]:
        return [TestCase(**item) for item in self.test_cases_json]

    @property
    def jury(self) -> list[JuryProgram]:
        return [JuryProgram(**item) for item in self.jury_json]

    @property
    def assets(self) -> list[Asset]:
        return [Asset(**item) for item in self.assets_json]


def plain(value: Any) -> Any:
    """A dataclass, or a list of them, as JSON fields store it."""
    return [asdict(item) for item in value] if isinstance(value, list) else asdict(value)
