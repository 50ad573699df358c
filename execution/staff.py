"""Pages for staff: pausing and resuming judging, rejudging."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from execution import changes, pausing, rejudging
from execution.access import staff_only
from execution.models import Pause, Rejudge, Rejudging, Stage, Submission
from execution.staff_forms import JudgingForm, SelectionForm
from problems.models import Problem

LATEST = 50  # rejudgings listed
ROWS = 100  # submissions of a rejudging on a page
NOTHING = gettext_lazy("Nothing was begun: there is nothing like that to rejudge, or it is being rejudged already.")

PAUSED = gettext_lazy("Judging is paused: %(what)s.")
PAUSED_ALREADY = gettext_lazy("Judging was paused already: %(what)s.")
RESUMED = gettext_lazy("Judging is resumed: %(what)s.")
RESUMED_ALREADY = gettext_lazy("Judging was resumed already: %(what)s.")


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def judging(request: HttpRequest) -> HttpResponse:
    """What is paused. POST pauses or resumes judging, of one problem or of everything."""
    form = JudgingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _pause_or_resume(request, form.cleaned_data["do"], form.cleaned_data["problem"])
        return redirect("staff_judging")
    pauses = list(Pause.objects.select_related("problem", "by"))
    context = {
        "form": form,
        "everything": next((pause for pause in pauses if pause.problem is None), None),
        "pauses": [pause for pause in pauses if pause.problem],
    }
    return render(request, "execution/staff/judging.html", context, status=400 if form.errors else 200)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rejudgings(request: HttpRequest) -> HttpResponse:
    """The latest rejudgings. POST begins one, whose results count at once, or with `preview` once they are applied."""
    form = SelectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        chosen = form.selection
        return begin(request, chosen.submissions(), chosen.words, is_preview="preview" in request.POST)
    context = {"form": form, "rejudgings": Rejudging.objects.select_related("by")[:LATEST]}
    return render(request, "execution/staff/rejudgings.html", context, status=400 if form.errors else 200)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_rejudging(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a rejudging changes or would change. POST applies a preview, or cancels what is not over."""
    row = get_object_or_404(Rejudging.objects.select_related("by"), pk=pk)
    if request.method == "POST":
        _decide(request, row)
        return redirect(row)
    found = changes.changes_of(row)
    show_all = "all" in request.GET
    context = {
        "rejudging": row,
        "changes": found,
        "total": sum(change.count for change in found),
        "judged": sum(change.count for change in found if change.is_judged),
        "changed": sum(change.count for change in found if change.is_change),
        "show_all": show_all,
        "page": _page(request, row.rejudges.all() if show_all else changes.changed(row.rejudges.all())),
    }
    return render(request, "execution/staff/rejudging.html", context)


def begin(request: HttpRequest, submissions: QuerySet[Submission], words: str, *, is_preview: bool) -> HttpResponse:
    """Begin a rejudging for the staff member who asks, and lead to its page."""
    assert isinstance(request.user, User)
    made = rejudging.start(submissions, words, request.user, is_preview=is_preview)
    if made is None:
        messages.warning(request, NOTHING)
        return redirect("rejudgings")
    return redirect(made)


def _page(request: HttpRequest, rejudges: QuerySet[Rejudge]) -> Page[Rejudge]:
    related = ("submission__problem", "submission__owner", "before", "judgement")
    unneeded = ("submission__files", "submission__input", "before__result", "judgement__result")
    rows = rejudges.select_related(*related).defer(*unneeded).order_by("id")
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


def _decide(request: HttpRequest, row: Rejudging) -> None:
    decide = rejudging.apply if request.POST.get("do") == "apply" else rejudging.cancel
    try:
        decide(row)
    except rejudging.NotNow:
        messages.error(request, _("Nothing was changed: this rejudging has moved on meanwhile. Here is how it stands."))
    else:
        is_applied = row.stage == Stage.APPLIED
        stands = _("It is %s.") % row.get_stage_display().lower()
        messages.success(request, _("The new results count now.") if is_applied else stands)


def _pause_or_resume(request: HttpRequest, do: str, problem: Problem | None) -> None:
    assert isinstance(request.user, User)
    if do == "pause":
        changed, told, untold = pausing.pause(problem, request.user), PAUSED, PAUSED_ALREADY
    else:
        changed, told, untold = pausing.resume(problem), RESUMED, RESUMED_ALREADY
    what = problem.title if problem else _("everything")
    messages.success(request, (told if changed else untold) % {"what": what})
