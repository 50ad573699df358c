"""Pages that need a problem and its submissions: a problem with its form, one submission, all of them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import APIException

from execution import archives, intake, pausing
from execution.access import Ownership, Viewer, find, listed_for
from execution.admission import Sender
from execution.forms import SubmissionForm
from execution.languages import Language
from execution.listing import OUTCOMES, Filters, Place, page_from
from execution.models import SourceFile, Submission
from execution.pages import BLANK_ROW, WORDS_JSON, heading, language_name, list_row, test_rows
from execution.presentation import polled
from execution.problem_page import EXTENSIONS_JSON, words_json
from execution.states import TERMINAL
from judge.web.rates import tells_rates
from problems.models import Problem
from problems.reading import problem_context

RECENT = 5
MAX_LOOKS = 10  # how often the submission page without JavaScript loads itself again


@require_http_methods(["GET", "HEAD", "POST"])
@tells_rates
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """A problem with the form that submits to it. POST submits, and leads to the submission's page if it was taken."""
    context = problem_context(request, slug)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = SubmissionForm(data, files, allowed=context["problem"].get("languages", []))
    if form.is_bound and form.is_valid():
        try:
            return redirect("submission", _submit(request, slug, form).pk)
        except APIException as refusal:
            form.refuse(refusal)
    context |= {
        "form": form,
        "may_submit": request.user.is_authenticated or settings.ALLOW_ANONYMOUS,
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
@never_cache
def submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """What became of a submission, as far as it is known; static/js/submission.js follows the rest."""
    viewer = Viewer.of(request)
    try:
        row = find(submission_id, viewer)
        answer = polled(submission_id, viewer)
    except Submission.DoesNotExist:
        raise Http404 from None
    if row.problem is None:
        raise Http404
    is_final = answer["status"] in TERMINAL
    context = {
        "submission": row,
        "language": language_name(row),
        "answer": answer,
        "is_final": is_final,
        "may_cancel": not is_final and Ownership.of(row).may_cancel(viewer),
        "heading": heading(answer["status"], answer["verdict"]),
        "tests": test_rows(answer),
        "blank_row": BLANK_ROW,
        "words_json": WORDS_JSON,
        "next_look": None if is_final else _next_look(request),
    }
    return render(request, "execution/submission.html", context)


@require_POST
def cancel(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Take a submission out of the queue, and show its page again, which says what came of that."""
    try:
        intake.cancel(submission_id, Viewer.of(request))
    except Submission.DoesNotExist:
        raise Http404 from None
    except intake.NotQueued:
        messages.warning(request, "It is not queued any more, so it was not cancelled.")
    return redirect("submission", submission_id)


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


def _next_look(request: HttpRequest) -> int | None:
    """Which look at the page comes next where there is no JavaScript; None once there were enough."""
    look = request.GET.get("look", "0")
    seen = int(look) if look.isascii() and look.isdigit() and len(look) < 3 else MAX_LOOKS
    return seen + 1 if seen < MAX_LOOKS else None
