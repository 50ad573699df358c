"""Submissions and judgements in Django's admin, to look at; what was sent and judged is not edited by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from execution.models import Judgement, Submission


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


@admin.register(Submission)
class SubmissionAdmin(ReadOnly, admin.ModelAdmin[Submission]):
    list_display = ["created", "kind", "problem", "owner", "language", "state", "verdict"]
    list_filter = ["kind", "language", "current__state", "current__verdict"]
    search_fields = ["id", "problem__slug", "owner__username"]
    list_select_related = ["problem", "owner", "current"]
    date_hierarchy = "created"
    inlines = [JudgementInline]

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
    search_fields = ["id", "submission__id", "submission__problem__slug", "submission__owner__username"]
    list_select_related = ["submission"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Judgement]:
        related = ("submission__problem", "submission__owner", "version__problem")
        return super().get_queryset(request).select_related(*related)
