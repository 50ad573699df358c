"""Submissions and judgements in Django's admin: to look at and to rejudge; what was sent and judged is not edited.

Also what staff do to the judging of problems, and ways from the admin to the pages where rejudgings and pauses stand.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import JSONField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from execution import pausing, rejudging, staff
from execution.models import Judgement, Pause, Rejudging, Submission
from execution.selection import Selection
from problems.admin import ProblemAdmin
from problems.models import Problem, ProblemVersion

SOURCES = ("files", "input")
SHOWN_AS_TEXT = ("jury_path", "source", "text")
VERSIONS_JSON = [field.name for field in ProblemVersion._meta.fields if isinstance(field, JSONField)]


def _under(relation: str, names: Sequence[str]) -> list[str]:
    return [f"{relation}__{name}" for name in names]


class ReadOnly:
    """Staff see everything; nobody adds, changes or deletes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False


class JudgementInline(ReadOnly, admin.TabularInline[Judgement, Submission]):
    model = Judgement
    fk_name = "submission"
    fields = ["state", "verdict", "version", "attempt", "worker", "queued_at", "finished_at", "failure"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Judgement]:
        rows = super().get_queryset(request).select_related("version__problem")
        return rows.defer("result", *_under("version", VERSIONS_JSON))


@admin.register(Submission)
class SubmissionAdmin(ReadOnly, admin.ModelAdmin[Submission]):
    list_display = ["created", "kind", "problem", "owner", "language", "state", "verdict"]
    list_filter = ["kind", "language", "current__state", "current__verdict", "created"]
    search_fields = ["id", "problem__slug", "owner__username"]
    list_select_related = ["problem", "owner", "current"]
    show_full_result_count = False
    fields = [
        "id",
        "kind",
        "problem",
        "owner",
        "session",
        "language",
        "created",
        "current",
        "jury_path",
        "source",
        "text",
    ]
    readonly_fields = SHOWN_AS_TEXT
    inlines = [JudgementInline]
    actions = ["rejudge", "preview"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        return super().get_queryset(request).defer(*SOURCES, "current__result")

    @admin.action(description="Rejudge the selected submissions at once")
    def rejudge(self, request: HttpRequest, chosen: QuerySet[Submission]) -> HttpResponse:
        return self._begin(request, chosen, is_preview=False)

    @admin.action(description="Rejudge the selected submissions with a preview")
    def preview(self, request: HttpRequest, chosen: QuerySet[Submission]) -> HttpResponse:
        return self._begin(request, chosen, is_preview=True)

    def _begin(self, request: HttpRequest, chosen: QuerySet[Submission], *, is_preview: bool) -> HttpResponse:
        submissions = Submission.objects.filter(pk__in=chosen.order_by().values("pk"))
        return staff.begin(request, submissions, f"{chosen.count()} chosen submissions", is_preview=is_preview)

    def view_on_site(self, submission: Submission) -> str | None:
        """Runs have no page."""
        return reverse("submission", args=[submission.pk]) if submission.problem_id else None

    @admin.display
    def source(self, submission: Submission) -> SafeString:
        files = ((file["name"], file["content"]) for file in submission.files)
        return format_html_join("", "<strong>{}</strong><pre><code>{}</code></pre>", files)

    @admin.display(description="Input")
    def text(self, submission: Submission) -> SafeString | str:
        """A run's own."""
        return format_html("<pre>{}</pre>", submission.input) if submission.input else ""

    @admin.display(ordering="current__state")
    def state(self, submission: Submission) -> str:
        return submission.current.state if submission.current else ""

    @admin.display(ordering="current__verdict")
    def verdict(self, submission: Submission) -> str:
        return submission.current.verdict if submission.current else ""


@admin.register(Judgement)
class JudgementAdmin(ReadOnly, admin.ModelAdmin[Judgement]):
    list_display = ["queued_at", "submission", "state", "verdict", "attempt", "worker", "time_ms", "memory_kb"]
    list_filter = ["state", "verdict", "priority", "image"]
    ordering = ["-id"]  # ids grow with time
    search_fields = ["id", "submission__id", "submission__problem__slug", "submission__owner__username"]
    list_select_related = ["submission"]
    show_full_result_count = False
    exclude = ["result"]
    readonly_fields = ["outcome"]

    @admin.display
    def outcome(self, judgement: Judgement) -> SafeString:
        """All tests, and the compiler's words."""
        return format_html("<pre>{}</pre>", json.dumps(judgement.result, indent=1, ensure_ascii=False))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Judgement]:
        rows = super().get_queryset(request).select_related("submission", "version__problem")
        return rows.defer("result", *_under("submission", SOURCES), *_under("version", VERSIONS_JSON))


class Door:
    """Stands in the admin for a page of its own, and leads there."""

    page: str

    def changelist_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.page)


@admin.register(Rejudging)
class RejudgingAdmin(Door, ReadOnly, admin.ModelAdmin[Rejudging]):
    page = "rejudgings"


@admin.register(Pause)
class PauseAdmin(Door, ReadOnly, admin.ModelAdmin[Pause]):
    page = "staff_judging"


admin.site.unregister(Problem)


@admin.register(Problem)
class JudgedProblemAdmin(ProblemAdmin):
    """Problems with what can be done to their judging, of which the app of problems knows nothing."""

    actions = [*ProblemAdmin.actions, "rejudge", "preview", "pause_judging", "resume_judging"]

    def view_on_site(self, problem: Problem) -> str:
        """Where its author manages it."""
        return reverse("authored_problem", args=[problem.slug])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Problem]:
        """A list of a hundred would else load the statements and tests of a hundred versions."""
        return super().get_queryset(request).defer(*_under("version", VERSIONS_JSON))

    @admin.action(description="Rejudge all submissions to the selected problems at once")
    def rejudge(self, request: HttpRequest, chosen: QuerySet[Problem]) -> HttpResponse:
        return self._begin(request, chosen, is_preview=False)

    @admin.action(description="Rejudge all submissions to the selected problems with a preview")
    def preview(self, request: HttpRequest, chosen: QuerySet[Problem]) -> HttpResponse:
        return self._begin(request, chosen, is_preview=True)

    @admin.action(description="Pause the judging of the selected problems")
    def pause_judging(self, request: HttpRequest, chosen: QuerySet[Problem]) -> None:
        assert isinstance(request.user, User)
        paused = sum(pausing.pause(problem, request.user) for problem in chosen)
        messages.success(request, f"The judging of {paused} is paused.")

    @admin.action(description="Resume the judging of the selected problems")
    def resume_judging(self, request: HttpRequest, chosen: QuerySet[Problem]) -> None:
        messages.success(request, f"The judging of {sum(map(pausing.resume, chosen))} is resumed.")

    def _begin(self, request: HttpRequest, chosen: QuerySet[Problem], *, is_preview: bool) -> HttpResponse:
        """A rejudging for each of them, so that each can be applied by itself."""
        assert isinstance(request.user, User)
        for problem in chosen:
            selection = Selection(problem=problem.slug)
            row = rejudging.start(selection.submissions(), selection.words, request.user, is_preview=is_preview)
            if row is None:
                messages.warning(request, f"{problem.slug}: {staff.NOTHING}")
        return redirect("rejudgings")
