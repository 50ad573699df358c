"""The list of problems, and the files of their statements."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from problems.cache import problem_list as listed
from problems.models import Problem


@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """The public problems; below them those that only this reader sees."""
    return render(request, "problems/list.html", {"problems": listed(), "hidden": _hidden(request)})


def _hidden(request: HttpRequest) -> list[Problem]:
    """One's own that aren't public, all of them for staff."""
    if not isinstance(request.user, User):
        return []
    visible = Problem.objects.visible_to(request.user)
    return list(visible.exclude(pk__in=Problem.objects.public()).only("slug", "title", "version_id"))
