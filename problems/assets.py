"""Serves the files of problems: pictures, PDF statements, attachments.

They come from packages, so each is served as something that can't act in our name: with a type we chose, not to be
guessed otherwise, and under a policy of its own. A version's files never change, so browsers may keep them.
"""

from django.contrib.auth.models import AnonymousUser
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.models import User
from problems import blobs
from problems.content import Asset
from problems.models import Problem, ProblemVersion
from problems.statements.assets import PDF

_SECONDS = 365 * 24 * 3600
# Shown in a page; all others are offered for download, as bytes.
_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/svg+xml", PDF}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
# Browsers show no PDF in a sandbox, and our page shows it in a frame.
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


@require_safe
def asset(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponseBase:
    """The file `name` of a problem's version. 404 for what isn't there or isn't for the reader."""
    problem, found = _find(request.user, slug, number, name)
    is_shown = found.content_type in _SHOWN and not found.is_attachment
    response = FileResponse(
        blobs.path(found.blob).open("rb"),
        as_attachment=not is_shown,
        filename=found.name.rpartition("/")[2],
        content_type=found.content_type if is_shown else "application/octet-stream",
    )
    is_pdf = is_shown and found.content_type == PDF
    response["Content-Security-Policy"] = _PDF_POLICY if is_pdf else _POLICY
    response["X-Frame-Options"] = "SAMEORIGIN" if is_pdf else "DENY"
    response["X-Content-Type-Options"] = "nosniff"
    is_public = problem.is_visible_to(AnonymousUser()) and problem.version and number == problem.version.number
    response["Cache-Control"] = f"{'public' if is_public else 'private'}, max-age={_SECONDS}, immutable"
    return response


def _find(user: User | AnonymousUser, slug: str, number: int, name: str) -> tuple[Problem, Asset]:
    """The problem and its file.

    Of versions before the one that counts, readers get only what that one has too: pages from before a new version
    keep their pictures, and what a setter took out before publishing stays out. Those who edit the problem get all.
    """
    problem = Problem.objects.visible_to(user).select_related("version").filter(slug=slug).first()
    version = problem.versions.filter(number=number).first() if problem else None
    if problem is None or version is None:
        raise Http404
    found = next((item for item in version.assets if item.name == name), None)
    if found is None or not (problem.is_edited_by(user) or _is_shown(problem, version, found)):
        raise Http404
    return problem, found


def _is_shown(problem: Problem, version: ProblemVersion, asset: Asset) -> bool:
    """Whether those who read the version that counts have come across this file, there or before."""
    current = problem.version
    return current is not None and version.number <= current.number and asset.blob in {a.blob for a in current.assets}
