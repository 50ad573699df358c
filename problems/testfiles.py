"""Serves the files of tests: samples to whoever reads the problem, secret ones to its setter and staff alone."""

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from problems import blobs
from problems.models import Problem


@require_safe
@never_cache
def test_file(request: HttpRequest, slug: str, number: int, kind: str) -> FileResponse:
    """Input ("in") or answer ("ans") of a test, to be saved. 404 for what isn't there or isn't for the reader."""
    problem = Problem.objects.visible_to(request.user).select_related("version").filter(slug=slug).first()
    if problem is None or (version := problem.version or problem.newest_version()) is None:
        raise Http404
    for test in version.test_cases:
        if test.number == number and (test.is_sample or problem.is_edited_by(request.user)):
            content = blobs.path(test.input if kind == "in" else test.answer).open("rb")
            name = f"{slug}-{number}.{kind}"
            return FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
    raise Http404
