"""The list of problems, and the files of their statements."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from problems.cache import problem_list as listed
from problems.models import Problem

PAGE_SIZE = 50


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """The public problems, page by page; below them those that only this reader sees."""
    page = Paginator(listed(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "problems/list.html", {"problems": page, "hidden": _hidden(request)})


def _hidden(request: HttpRequest) -> list[Problem]:
    """One's own that aren't public, all of them for staff."""
    if not isinstance(request.user, User):
        return []
    visible = Problem.objects.visible_to(request.user)
    return list(visible.exclude(pk__in=Problem.objects.public()).only("slug", "title", "version_id"))
