"""Pages that need a problem and its submissions: a problem with its form, the list of all submissions."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import APIException

from execution import archives, intake, pausing
from execution.access import Viewer, listed_for
from execution.admission import Sender
from execution.forms import SubmissionForm
from execution.languages import Language
from execution.listing import OUTCOMES, Filters, Place, page_from
from execution.models import SourceFile, Submission
from execution.pages import list_row
from execution.problem_page import EXTENSIONS_JSON, words_json
from execution.submission_page import program_to_change
from judge.web.rates import tells_rates
from problems.authoring import may_manage
from problems.models import Problem
from problems.reading import problem_context

RECENT = 5


@require_http_methods(["GET", "HEAD", "POST"])
@tells_rates
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """A problem with the form that submits to it. POST submits, and leads to the submission's page if it was taken."""
    context = problem_context(request, slug)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = SubmissionForm(data, files, allowed=context["problem"].get("languages", []))
    form.initial = program_to_change(request)
    if form.is_bound and form.is_valid():
        try:
            return redirect("submission", _submit(request, slug, form).pk)
        except APIException as refusal:
            form.refuse(refusal)
    context |= {
        "form": form,
        "may_submit": request.user.is_authenticated or settings.ALLOW_ANONYMOUS,
        "may_manage": may_manage(request.user, slug),
        "is_paused": pausing.is_paused(slug),
        "recent": _recent(Viewer.of(request), slug),
        "words_json": words_json(),
        "extensions_json": EXTENSIONS_JSON,
    }
    response = render(request, "execution/problem.html", context, status=form.status)
    if form.wait is not None:
        response["Retry-After"] = str(form.wait)
    return response


@require_safe
def submission_list(request: HttpRequest) -> HttpResponse:
    """The submissions whose verdicts the reader may see, filtered and page by page."""
    viewer = Viewer.of(request)
    filters = Filters.read(request.GET)
    place = Place.read(request.GET.get("after", ""))
    rows, after = page_from(place, filters.apply(listed_for(viewer)))
    context = {
        "rows": [list_row(row, viewer) for row in rows],
        "filters": filters,
        "outcomes": OUTCOMES,
        "after": after,
        "is_first": place is None,
        "may_compare": viewer.user is not None,
    }
    return render(request, "execution/submission_list.html", context)


def _submit(request: HttpRequest, slug: str, form: SubmissionForm) -> Submission:
    """Raises APIException where the program is not taken."""
    sender = Sender.of(request)
    problem = Problem.objects.visible_to(request.user).with_version_to_submit_to().get(slug=slug)
    language = intake.language_named(form.cleaned_data["language"])
    return intake.submit(sender, problem, language, _files(language, form.cleaned_data))


def _files(language: Language, fields: dict[str, Any]) -> list[SourceFile]:
    """Raises ValidationError."""
    upload = fields["file"]
    if upload is None or fields["code"].strip():
        return intake.single_file(language, fields["code"])
    return archives.program_of(language, upload.name, upload.read(), "file")


def _recent(viewer: Viewer, slug: str) -> list[dict[str, Any]]:
    """The viewer's own last submissions to the problem."""
    if viewer.user is None:
        return []
    own = listed_for(viewer).filter(owner=viewer.user, problem__slug=slug)
    rows, _ = page_from(None, own, size=RECENT)
    return [list_row(row, viewer) for row in rows]
