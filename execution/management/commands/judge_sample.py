"""`manage.py judge_sample [SLUG]`: one accepted jury program through the real queue, to see that all parts work."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from execution import jury, verification
from execution.verification import VerificationError
from problems.models import Problem


class Command(BaseCommand):
    help = "Judge an accepted submission of a problem's package and print its verdict."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="the problem; the first public one if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        problems = Problem.objects.public().select_related("version")
        problem = problems.filter(slug=options["slug"]).first() if options["slug"] else problems.first()
        if problem is None or problem.version is None:
            raise CommandError("There is no such public problem.")
        programs = [program for program in jury.judged_languages(problem.version) if program.expected == "accepted"]
        if not programs:
            raise CommandError(f"{problem.slug} has no accepted submission in a language that there is.")
        began = time.monotonic()
        try:
            [row] = verification.verify(problem.version, programs[:1], lambda done, total: None)
        except VerificationError as error:
            raise CommandError(str(error)) from error
        elapsed = round((time.monotonic() - began) * 1000)
        self.stdout.write(f"{row.got}: {problem.slug}, {len(problem.version.test_cases)} tests, {elapsed} ms")
        if not row.met:
            raise CommandError(f"{row.file} should be accepted.")
