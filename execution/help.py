"""The help: what verdicts mean, how each language is compiled and run, which limits there are, how to use the API."""

import shlex
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from execution import capacity, compilation
from execution.compilation import Program, filled_in
from execution.languages import LANGUAGES, Language
from execution.verdicts import Verdict

EXPLANATIONS = {
    Verdict.AC: _("The program answered every test rightly and within the limits."),
    Verdict.WA: _("On some test it printed something else than the right answer."),
    Verdict.TLE: _("On some test it took more CPU time than allowed, or waited too long."),
    Verdict.MLE: _("On some test it needed more memory than allowed."),
    Verdict.OLE: _("On some test it printed more than allowed: often a loop without an end."),
    Verdict.RE: _("On some test it crashed, or ended with an exit code other than 0."),
    Verdict.CE: _("It could not be compiled. The compiler's words stand on the submission's page; nothing was run."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A language, with its commands as they are run for a problem of the default memory limit."""

    language: Language
    compile: str
    run: str
    is_missing: bool

    @classmethod
    def of(cls, language: Language, is_missing: bool) -> "Entry":
        name, memory_mb = language.source_name, settings.DEFAULT_MEMORY_MB
        files = {name: b""}
        compiled = filled_in(language.compile, files, name, language, compilation.MEMORY_MB)
        run = Program(language, files, name).command(memory_mb)
        return cls(language, shlex.join(compiled), shlex.join(run), is_missing)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    missing = capacity.missing_images()
    context = {
        "verdicts": [(verdict, EXPLANATIONS[verdict]) for verdict in Verdict],
        "languages": [Entry.of(language, language.image in missing) for language in LANGUAGES.values()],
        "shows_versions": settings.SANDBOX != "process",
        "memory_mb": settings.DEFAULT_MEMORY_MB,
        "output_mb": settings.DEFAULT_OUTPUT_MB,
        "source_kb": settings.MAX_SOURCE_BYTES // 1024,
        "per_minute": settings.SUBMISSIONS_PER_MINUTE,
        "queued": settings.QUEUE_LIMIT_PER_USER,
        "run_hours": settings.RUN_RETENTION_HOURS,
        "compiler": compilation.LIMITS,
        "compiler_mb": compilation.MEMORY_MB,
        "site": request.build_absolute_uri("/"),
    }
    return render(request, "execution/help.html", context)
