"""`manage.py judge_sample [SLUG]`: one accepted jury program through the real queue, to see that all parts work."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from execution import capacity, jury, verification
from execution.verification import VerificationError
from problems.models import Problem

JUDGE_SECONDS = 60


class Command(BaseCommand):
    help = "Judge an accepted submission of a problem's package and print its verdict."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="the problem; the first public one if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        problems = Problem.objects.public().select_related("version")
        problem = problems.filter(slug=options["slug"]).first() if options["slug"] else problems.first()
        if problem is None or problem.version is None:
            if options["slug"]:
                raise CommandError("There is no such public problem.")
            self.stdout.write("nothing to judge: there is no public problem")
            return
        programs = [program for program in jury.judged_languages(problem.version) if program.expected == "accepted"]
        if not programs:
            raise CommandError(f"{problem.slug} has no accepted submission in a language that there is.")
        _wait_for_a_judge()
        began = time.monotonic()
        try:
            [row] = verification.verify(problem.version, programs[:1], lambda done, total: None)
        except VerificationError as error:
            raise CommandError(str(error)) from error
        elapsed = round((time.monotonic() - began) * 1000)
        self.stdout.write(f"{row.got}: {problem.slug}, {len(problem.version.test_cases)} tests, {elapsed} ms")
        if not row.met:
            raise CommandError(f"{row.file} should be accepted.")


def _wait_for_a_judge() -> None:
    """So that a worker that is only just starting is not counted as time in the queue; where none comes, try anyway."""
    until = time.monotonic() + JUDGE_SECONDS
    while not capacity.judges_are_there() and time.monotonic() < until:
        time.sleep(0.05)
