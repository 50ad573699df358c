"""`manage.py verify_problem SLUG|PATH…`: do the tagged submissions get what their tags say?

With a PATH the package is imported under a name of its own, judged, and deleted again; only its test data stays stored.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from accounts.models import User
from execution import jury, verification
from execution.languages import LANGUAGES
from execution.verification import Row, VerificationError
from problems.content import JuryProgram
from problems.importer import import_package
from problems.models import Problem, ProblemVersion
from problems.package.errors import PackageError

VISITOR = "verdict-visitor"  # owns the packages that are only looked at


class Command(BaseCommand):
    help = "Judge the tagged submissions of problems and compare their verdicts with their tags."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("problems", nargs="*", metavar="SLUG|PATH")
        parser.add_argument("--all", action="store_true", help="every problem there is")
        parser.add_argument("--language", action="append", help="only submissions in this language; may be repeated")
        parser.add_argument("--json", action="store_true", help="a JSON list on standard output, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        for language in options["language"] or []:
            if language not in LANGUAGES:
                raise CommandError(f"There is no language {language!r}. There are: {', '.join(sorted(LANGUAGES))}.")
        names = options["problems"]
        if options["all"]:
            names = list(Problem.objects.values_list("slug", flat=True))
        if not names:
            raise CommandError("Which problem? Give slugs or paths of packages, or --all.")
        console = Console(stderr=options["json"], file=None if options["json"] else sys.stdout)
        rows = [row for name in names for row in self._verify(name, options["language"], console)]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows], indent=2))
        if not rows:
            raise CommandError("There was nothing to judge.")
        if missed := sum(not row.met for row in rows):
            raise CommandError(f"{missed} of {len(rows)} submissions did not get what their tags say.")

    def _verify(self, name: str, languages: list[str] | None, console: Console) -> list[Row]:
        try:
            with _version(name) as version:
                programs = self._programs(version, languages)
                verification.ensure_time_limit(version)
                with Progress(console=Console(stderr=True), transient=True) as bar:
                    task = bar.add_task(name, total=len(programs))
                    rows = verification.verify(version, programs, lambda done, total: bar.update(task, completed=done))
                console.print(_table(name, version, rows))
        except (PackageError, VerificationError) as error:
            raise CommandError(f"{name}: {error}") from error
        return rows

    def _programs(self, version: ProblemVersion, languages: list[str] | None) -> list[JuryProgram]:
        """Those to judge; says which ones are left out because their language isn't there."""
        there = jury.judged_languages(version)
        for program in version.jury:
            if program not in there:
                self.stderr.write(f"skipped: {program.path} ({program.language or 'unknown language'})")
        return [program for program in there if not languages or program.language in languages]


@contextmanager
def _version(name: str) -> Iterator[ProblemVersion]:
    """The newest version of the problem of that slug, or a passing one of the package at that path."""
    if known := ProblemVersion.objects.filter(problem__slug=name).select_related("problem").last():
        yield known
        return
    if not Path(name).exists():
        raise CommandError(f"{name} is neither a problem's slug nor a path.")
    visitor, _ = User.objects.get_or_create(username=VISITOR, defaults={"is_active": False})
    report = import_package(Path(name), visitor, slug=f"visit-{uuid4().hex[:12]}", public=False)
    try:
        yield report.version
    finally:
        report.problem.delete()


def _table(name: str, version: ProblemVersion, rows: list[Row]) -> Table:
    table = Table(title=f"{name}: time limit {version.time_limit_ms} ms, {len(version.test_cases)} tests")
    for heading in ("file", "expected", "got", "time", "memory", ""):
        table.add_column(heading, justify="right" if heading in {"time", "memory"} else "left", overflow="fold")
    for row in rows:
        time_ms = "" if row.timeMs is None else f"{row.timeMs} ms"
        memory = "" if row.memoryKb is None else f"{row.memoryKb / 1024:.1f} MB"
        table.add_row(row.file, row.expected, row.got, time_ms, memory, "met" if row.met else "DIFFERS")
    return table
