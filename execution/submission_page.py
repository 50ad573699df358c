"""The page of a submission, and what can be done from there: cancel it, judge it again, compare it with another."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from execution import intake, staff
from execution.access import Ownership, Viewer, find, staff_only
from execution.comparing import compared
from execution.explanations import verdict_explained
from execution.highlighting import highlighted
from execution.models import Kind, Submission
from execution.pages import BLANK_ROW, deciding_test, heading, language_name, test_rows, words_json
from execution.presentation import polled
from execution.samples import SampleResult, failed_samples, limits_of
from execution.selection import Selection
from execution.speeds import ranking_of
from execution.states import TERMINAL
from execution.verdicts import Verdict

MAX_LOOKS = 10  # how often the page without JavaScript loads itself again
MAX_SAMPLES = 5  # failed ones that are shown

Json = dict[str, Any]


@require_safe
@never_cache
def submission(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """What became of a submission, as far as it is known; static/js/submission.js follows the rest."""
    row, answer = _found(request, submission_id)
    next_look = None if answer["status"] in TERMINAL else _next_look(request)
    context = _result(request, row, answer) | {
        "heading": heading(answer, is_followed=next_look is not None),
        "next_look": next_look,
        "files": [{"name": file["name"], "html": highlighted(row.language, file["content"])} for file in row.files],
        "may_resubmit": len(row.files) == 1 and _may_read_problem(request, row),
        "previous": _previous(row),
    }
    return render(request, "execution/submission.html", context)


@require_safe
@never_cache
def result(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """The part of that page which says what became of it: scripts put it there once the verdict is known."""
    row, answer = _found(request, submission_id)
    return render(request, "execution/result.html", _result(request, row, answer))


@require_POST
def cancel(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Take a submission out of the queue, and show its page again, which says what came of that."""
    try:
        intake.cancel(submission_id, Viewer.of(request))
    except Submission.DoesNotExist:
        raise Http404 from None
    except intake.NotQueued:
        messages.warning(request, gettext("It is not queued any more, so it was not cancelled."))
    return redirect("submission", submission_id)


@staff_only
@require_POST
def rejudge(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Have it judged once more; the old result stands until then. Leads to the rejudging."""
    chosen = Selection(ids=[submission_id])
    return staff.begin(request, chosen.submissions(), chosen.words, is_preview=False)


@require_safe
@never_cache
def compare(request: HttpRequest) -> HttpResponse:
    """What differs between two submissions (`?of=…&of=…`) that the reader may open."""
    chosen = request.GET.getlist("of")
    if len(chosen) != 2:
        return render(request, "execution/compare.html", {"pair": None}, status=400)
    old, new = sorted((_openable(request, text) for text in chosen), key=lambda row: (row.created, row.pk))
    context = {
        "pair": [
            {
                "submission": row,
                "language": language_name(row),
                "heading": heading({"status": row.current.state, "verdict": row.current.verdict, "tests": []})
                if row.current
                else "",
                "verdict": row.current.verdict if row.current else "",
            }
            for row in (old, new)
        ],
        "comparison": compared(_contents(old), _contents(new)),
    }
    return render(request, "execution/compare.html", context)


def program_to_change(request: HttpRequest) -> Json:
    """Submission (its id), language and code that the form is to begin with (`?from=`): {} where there is none, or it
    is not for the reader, or it has several files."""
    try:
        row = find(UUID(request.GET.get("from", "")), Viewer.of(request))
    except (ValueError, Submission.DoesNotExist):
        return {}
    if len(row.files) != 1:
        return {}
    return {"submission": row.pk, "language": row.language, "code": row.files[0]["content"]}


def _found(request: HttpRequest, submission_id: UUID) -> tuple[Submission, Json]:
    """The submission, and what there is to say of it. Raises Http404 where it isn't there, or not for the reader."""
    viewer = Viewer.of(request)
    try:
        row = find(submission_id, viewer)
        answer = polled(submission_id, viewer)
    except Submission.DoesNotExist:
        raise Http404 from None
    if row.problem is None:
        raise Http404
    return row, answer


def _openable(request: HttpRequest, submission_id: str) -> Submission:
    """Raises Http404."""
    try:
        row = find(UUID(submission_id), Viewer.of(request))
    except (ValueError, Submission.DoesNotExist):
        raise Http404 from None
    if row.kind == Kind.RUN:
        raise Http404
    return row


def _result(request: HttpRequest, row: Submission, answer: Json) -> Json:
    """What the section about the result needs."""
    is_final = answer["status"] in TERMINAL
    version = row.current.version_id if row.current else None
    samples = failed_samples(version, answer["tests"]) if is_final and _may_read_problem(request, row) else []
    test = deciding_test(answer)
    return {
        "submission": row,
        "submission_url": reverse("submission", args=[row.pk]),
        "language_name": language_name(row),
        "answer": answer,
        "is_final": is_final,
        "may_cancel": not is_final and Ownership.of(row).may_cancel(Viewer.of(request)),
        "heading": heading(answer),
        "advice": _advice(answer, test, samples),
        "explanation": _explanation(row, answer, test),
        "tests": test_rows(answer),
        "blank_row": BLANK_ROW,
        "limits": limits_of(version, row.language),
        "samples": samples[:MAX_SAMPLES],
        "ranking": ranking_of(row.current, row.language) if row.current and answer["verdict"] == Verdict.AC else None,
        "words_json": words_json(),
    }


def _advice(answer: Json, test: Json | None, samples: list[SampleResult]) -> str:
    """Where to look next, in a sentence."""
    if answer["verdict"] == Verdict.AC:
        return gettext("All %(count)d tests passed.") % {"count": len(answer["tests"])} if answer["tests"] else ""
    if answer["verdict"] == Verdict.CE:
        return gettext("See what the compiler says.")
    if test is None:
        return ""
    if any(sample.number == test["number"] for sample in samples):
        return gettext("See the sample below.")
    if test["isSample"]:
        return gettext("It is a sample.")
    return gettext("It is a secret test: what is in it is not shown.")


def _explanation(row: Submission, answer: Json, test: Json | None) -> str:
    verdict = answer["verdict"]
    if not verdict or verdict == Verdict.AC:
        return ""
    return verdict_explained(verdict, test["detail"] if test else "", row.language)


def _may_read_problem(request: HttpRequest, row: Submission) -> bool:
    return row.problem is not None and row.problem.is_visible_to(request.user)


def _previous(row: Submission) -> UUID | None:
    """What its sender sent to the problem before it."""
    if row.owner_id is None:
        return None
    earlier = Submission.objects.filter(owner=row.owner_id, problem=row.problem_id, created__lt=row.created)
    return earlier.exclude(kind=Kind.JURY).order_by("-created", "-id").values_list("pk", flat=True).first()


def _contents(row: Submission) -> dict[str, str]:
    return {file["name"]: file["content"] for file in row.files}


def _next_look(request: HttpRequest) -> int | None:
    """Which look at the page comes next where there is no JavaScript; None once there were enough."""
    look = request.GET.get("look", "0")
    seen = int(look) if look.isascii() and look.isdigit() and len(look) < 3 else MAX_LOOKS
    return seen + 1 if seen < MAX_LOOKS else None
