"""Problems in Django's admin: published or hidden here, made and changed by importing packages only."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from accounts.models import User
from problems.authoring import uploaded
from problems.forms import PackageForm, ProblemForm
from problems.importer import ImportReport, import_package
from problems.models import Problem, ProblemVersion
from problems.package.errors import PackageError

OWNERS = ("owner", admin.RelatedOnlyFieldListFilter)  # else every user there is would be offered


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff


class VersionInline(admin.TabularInline[ProblemVersion, Problem]):
    """What was imported, to look at."""

    model = ProblemVersion
    fk_name = "problem"
    fields = ("number", "package_format", "created", "time_limit_ms", "trouble", "tests", "tagged_submissions")
    readonly_fields = fields
    ordering = ["-number"]
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProblemVersion]:
        """A problem may have dozens, each with megabytes of what isn't shown."""
        unneeded = ("statements_json", "test_cases_json", "assets_json", "notes_json", "credits_json")
        return super().get_queryset(request).select_related("problem").defer(*unneeded)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_staff(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display
    def tests(self, version: ProblemVersion) -> int:
        return version.test_count

    @admin.display
    def tagged_submissions(self, version: ProblemVersion) -> int:
        return len(version.jury_json)


@admin.register(Problem)
class ProblemAdmin(admin.ModelAdmin[Problem]):
    list_display = ["slug", "title", "owner", "is_public", "version", "time_limit_ms", "updated"]
    list_editable = ["is_public"]
    list_filter = ["is_public", "version__package_format", ("version", admin.EmptyFieldListFilter), OWNERS]
    list_select_related = ["owner", "version__problem"]
    search_fields = ["slug", "title", "owner__username"]
    form = ProblemForm
    fields = ["slug", "title", "owner", "is_public", "tags", "difficulty", "version", "created", "updated"]
    readonly_fields = ["slug", "title", "owner", "version", "created", "updated"]
    inlines = [VersionInline]
    actions = ["publish", "hide"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: Problem | None = None) -> bool:
        return _is_staff(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_staff(request)

    def has_change_permission(self, request: HttpRequest, obj: Problem | None = None) -> bool:
        return _is_staff(request)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("import/", self.admin_site.admin_view(self.import_view), name="problem_import"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Problems are made of packages, so adding one is importing one."""
        return redirect("admin:problem_import")

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """An upload form; what the import found comes as messages, why it was refused as the form's errors."""
        form = PackageForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                report = _import_upload(form.cleaned_data, request.user)
            except PackageError as error:
                for reason in error.reasons:
                    form.add_error("package", reason)
            else:
                self._tell(request, report)
                return redirect("admin:problems_problem_change", report.problem.pk)
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "opts": self.opts,
            "title": "Import a package",
        }
        return render(request, "admin/problems/problem/import.html", context)

    @admin.action(description="Publish the selected problems")
    def publish(self, request: HttpRequest, chosen: QuerySet[Problem]) -> None:
        messages.success(request, f"{chosen.update(is_public=True)} published.")

    @admin.action(description="Hide the selected problems")
    def hide(self, request: HttpRequest, chosen: QuerySet[Problem]) -> None:
        messages.success(request, f"{chosen.update(is_public=False)} hidden.")

    @admin.display(ordering="version__time_limit_ms")
    def time_limit_ms(self, problem: Problem) -> int | None:
        return problem.version.time_limit_ms if problem.version else None

    def _tell(self, request: HttpRequest, report: ImportReport) -> None:
        messages.success(request, f"{report.problem.slug}: {report.summary}")
        for warning in report.warnings:
            messages.warning(request, warning)


def _import_upload(data: dict[str, Any], user: object) -> ImportReport:
    """Import an uploaded zip under its own name. Raises PackageError."""
    assert isinstance(user, User)  # the admin lets nobody else in
    with uploaded(data["package"]) as path:
        return import_package(path, user, slug=data["slug"] or None, public=not data["private"])
