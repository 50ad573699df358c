"""Pages for authors: their problems, uploads, tagged submissions, statements, publishing.

They need the right to own problems (`problems.authoring.is_author`); what isn't theirs does not exist for them.
"""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from execution import authoring_runs, disk
from execution.authoring_forms import NewProblemForm, PackageForm, StatementForm
from execution.authoring_runs import Comparison
from judge.web.errors import error_response
from judge.web.rates import count, tells_rates
from problems import authoring, blobs
from problems.authoring import authors_only
from problems.importer import ImportReport, Stale
from problems.models import Problem, ProblemVersion
from problems.package.errors import PackageError

PAGE_SIZE = 50
SHOWN_VERSIONS = 20
UPLOADS_PER_MINUTE = 10
PREVIEWS_PER_MINUTE = 60
MAX_LOOKS = 20  # how often the page without JavaScript loads itself again
MAX_REASONS = 50  # why a package was refused


@authors_only
@never_cache
@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """One's own problems, all of them for staff; `q` is what their names or titles contain."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    context = {"page": _listed(request, words), "words": words, "form": NewProblemForm()}
    return render(request, "execution/authors/problems.html", context)


@authors_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@tells_rates
def upload(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """A form for a package: of a new problem, or with a slug, of a new version. POST imports it."""
    problem = _find(request, slug) if slug is not None else None
    make = PackageForm if problem else NewProblemForm
    form = make(request.POST, request.FILES) if request.method == "POST" else make()
    if form.is_bound and (refusal := _upload_refusal(request)):
        return refusal
    if form.is_valid() and (report := _imported(request, form, problem)):
        return redirect("authored_problem", report.problem.slug)
    context = {"form": form, "problem": problem}
    return render(request, "execution/authors/upload.html", context, status=400 if form.errors else 200)


@authors_only
@never_cache
@require_safe
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """A problem: what its import found, its tagged submissions, and what can be done to it."""
    found = _find(request, slug)
    versions = list(_versions(found)[: SHOWN_VERSIONS + 1])
    newest = found.newest_version()
    told = authoring_runs.comparison(newest) if newest else None
    context = {
        "problem": found,
        "newest": newest,
        "samples": sum(test["is_sample"] for test in newest.test_cases_json) if newest else 0,
        "versions": versions[:SHOWN_VERSIONS],
        "has_older": len(versions) > SHOWN_VERSIONS,
        "comparison": told,
        "next_look": _next_look(request) if told and told.is_under_way else None,
        "languages": [each.language for each in newest.statements if each.html] if newest else [],
    }
    return render(request, "execution/authors/problem.html", context)


@authors_only
@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a problem to everybody (`do=publish`), or hide it (`do=hide`)."""
    found = _find(request, slug)
    found.is_public = request.POST.get("do") == "publish"
    found.save(update_fields=["is_public", "updated"])
    if not found.is_public:
        messages.success(request, _("The problem is private now."))
    elif found.version_id is None:
        messages.warning(request, _("It will be shown to everybody as soon as its time limit is known."))
    else:
        messages.success(request, _("The problem is published."))
    return redirect("authored_problem", slug)


@authors_only
@require_POST
def run(request: HttpRequest, slug: str) -> HttpResponse:
    """Have the tagged submissions of the newest version judged."""
    newest = _newest(_find(request, slug))
    try:
        authoring_runs.start(newest)
    except authoring_runs.NotNow as refusal:
        messages.warning(request, str(refusal))
    return redirect("authored_problem", slug)


@authors_only
@never_cache
@require_safe
def comparison(request: HttpRequest, slug: str) -> JsonResponse:
    """How the tagged submissions stand, as static/js/authors.js takes it."""
    found = _find(request, slug)
    return JsonResponse(_told(request, found, authoring_runs.comparison(_newest(found))))


@authors_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@tells_rates
def statement(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """A statement's source, to be edited. POST shows what comes of it (`do=preview`), or makes a new version of it."""
    found = _find(request, slug)
    newest = _newest(found)
    source = next((each for each in _sources(newest) if each.language == language), None)
    if source is None:
        raise Http404
    form = StatementForm(request.POST or None, initial={"text": source.text, "version": newest.number})
    is_preview = request.POST.get("do") == "preview"
    if form.is_bound and (refusal := (_preview_refusal if is_preview else _upload_refusal)(request)):
        return refusal
    if form.is_valid() and not is_preview and _saved(request, form, newest, language):
        return redirect("authored_problem", slug)
    text = form.data.get("text", "") if form.is_bound else source.text
    context = {"problem": found, "source": source, "form": form, "preview": _previewed(form, newest, language, text)}
    return render(request, "execution/authors/statement.html", context, status=400 if form.errors else 200)


@authors_only
@require_POST
@tells_rates
def preview(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """What would come of a statement's text, as static/js/authors.js takes it."""
    newest = _newest(_find(request, slug))
    if refusal := _preview_refusal(request):
        return refusal
    try:
        shown = authoring.preview(newest, language, request.POST.get("text", ""))
    except PackageError as error:
        return _preview_answer(request, {"reasons": error.reasons[:MAX_REASONS]})
    return _preview_answer(request, {"preview": shown})


@authors_only
@never_cache
@require_safe
def package(request: HttpRequest, slug: str, number: int) -> FileResponse:
    """The package of a version, as it was imported."""
    version = _find(request, slug).versions.filter(number=number).exclude(archive="").only("archive").first()
    if version is None or not blobs.exists(version.archive):
        raise Http404
    content = blobs.path(version.archive).open("rb")
    return FileResponse(content, as_attachment=True, filename=f"{slug}.zip", content_type="application/zip")


def _find(request: HttpRequest, slug: str) -> Problem:
    """Raises Http404 for what isn't there or isn't theirs."""
    problem = Problem.objects.with_version_to_submit_to().select_related("owner").filter(slug=slug).first()
    if problem is None or not problem.is_edited_by(request.user):
        raise Http404
    return problem


def _newest(problem: Problem) -> ProblemVersion:
    """Raises Http404 where there is none."""
    newest = problem.newest_version()
    if newest is None:
        raise Http404
    newest.problem = problem
    return newest


def _listed(request: HttpRequest, words: str) -> Page[Problem]:
    rows = Problem.objects.all() if request.user.is_staff else Problem.objects.filter(owner_id=request.user.pk)
    if words:
        rows = rows.filter(slug__icontains=words) | rows.filter(title__icontains=words)
    newest = ProblemVersion.objects.filter(problem=OuterRef("pk")).order_by("-number").values("number")
    rows = rows.annotate(newest=Subquery(newest[:1])).select_related("owner").order_by("-updated", "slug")
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def _versions(problem: Problem) -> QuerySet[ProblemVersion]:
    shown = ("number", "created", "test_count", "time_limit_ms", "archive", "package_format")
    return problem.versions.only("problem_id", *shown).order_by("-number")


def _imported(request: HttpRequest, form: PackageForm, problem: Problem | None) -> ImportReport | None:
    """What came of an upload; None where it was refused, which the form then tells."""
    assert isinstance(request.user, User)
    owner = problem.owner if problem else request.user
    slug = problem.slug if problem else form.cleaned_data["slug"] or None
    try:
        with authoring.uploaded(form.cleaned_data["package"]) as path:
            report = authoring.import_privately(path, owner, slug)
    except PackageError as error:
        for reason in error.reasons[:MAX_REASONS]:
            form.add_error("package", reason)
        return None
    if report.created:
        messages.success(request, _("The package was imported as version %d.") % report.version.number)
    else:
        messages.success(request, _("The package says the same as version %d: nothing was changed.") % _number(report))
    return report


def _number(report: ImportReport) -> int:
    return report.version.number


def _upload_refusal(request: HttpRequest) -> HttpResponse | None:
    used = count("uploads", f"user:{request.user.pk}", per_minute=UPLOADS_PER_MINUTE)
    if used and used.is_exceeded:
        return error_response(request, 429, wait=used.seconds)
    return error_response(request, 503, wait=60) if disk.is_short() else None


def _preview_refusal(request: HttpRequest) -> HttpResponse | None:
    used = count("previews", f"user:{request.user.pk}", per_minute=PREVIEWS_PER_MINUTE)
    return error_response(request, 429, wait=used.seconds) if used and used.is_exceeded else None


def _sources(version: ProblemVersion) -> list[authoring.Source]:
    """Raises Http404 where the package can't be read."""
    try:
        return authoring.sources_of(version)
    except PackageError:
        raise Http404 from None


def _previewed(form: StatementForm, version: ProblemVersion, language: str, text: str) -> authoring.Preview | None:
    """None where nothing can be shown, which the form then tells."""
    try:
        return authoring.preview(version, language, text)
    except PackageError as error:
        if form.is_bound and not form.errors:
            form.refuse(error.reasons[:MAX_REASONS])
        return None


def _saved(request: HttpRequest, form: StatementForm, newest: ProblemVersion, language: str) -> bool:
    """Whether the edit is saved; else the form tells why not."""
    try:
        if form.cleaned_data["version"] != newest.number:
            raise Stale
        report = authoring.save(newest, language, form.cleaned_data["text"])
    except Stale:
        form.refuse([_("There is a newer version meanwhile. Copy your text, reload the page, and put it in there.")])
        return False
    except PackageError as error:
        form.refuse(error.reasons[:MAX_REASONS])
        return False
    saved = _("The statement is saved as version %d.") % _number(report)
    messages.success(request, saved if report.created else _("Nothing was changed."))
    return True


def _preview_answer(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "execution/authors/preview.html", context)


def _told(request: HttpRequest, problem: Problem, told: Comparison) -> dict[str, Any]:
    context = {"problem": problem, "comparison": told}
    return {
        "status": "running" if told.is_under_way else "completed",
        "words": told.words,
        "html": render_to_string("execution/authors/comparison.html", context, request),
    }


def _next_look(request: HttpRequest) -> int | None:
    """Which look at the page comes next where there is no JavaScript; None once there were enough."""
    look = request.GET.get("look", "0")
    seen = int(look) if look.isascii() and look.isdigit() and len(look) < 3 else MAX_LOOKS
    return seen + 1 if seen < MAX_LOOKS else None
