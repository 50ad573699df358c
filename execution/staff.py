"""Pages for staff: pausing and resuming judging."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from execution import pausing
from execution.access import staff_only
from execution.models import Pause
from execution.staff_forms import JudgingForm
from problems.models import Problem


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def judging(request: HttpRequest) -> HttpResponse:
    """What is paused. POST pauses or resumes judging, of one problem or of everything."""
    form = JudgingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _pause_or_resume(request, form.cleaned_data["do"], form.cleaned_data["problem"])
        return redirect("staff_judging")
    pauses = list(Pause.objects.select_related("problem", "by"))
    context = {
        "form": form,
        "everything": next((pause for pause in pauses if pause.problem is None), None),
        "pauses": [pause for pause in pauses if pause.problem],
    }
    return render(request, "execution/staff/judging.html", context, status=400 if form.errors else 200)


def _pause_or_resume(request: HttpRequest, do: str, problem: Problem | None) -> None:
    assert isinstance(request.user, User)
    what = f"Judging of {problem.title}" if problem else "Judging"
    if do == "pause":
        changed, state = pausing.pause(problem, request.user), "paused"
    else:
        changed, state = pausing.resume(problem), "resumed"
    messages.success(request, f"{what} is {state}." if changed else f"{what} was {state} already.")
