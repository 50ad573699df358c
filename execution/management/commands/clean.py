"""`manage.py clean`: frees what was left behind, at once rather than within the hour."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from execution import cleaning, sweeper
from execution.sandbox.interface import SandboxError


class Command(BaseCommand):
    help = (
        "Remove this instance's containers that serve nobody, our images without a name, and old runs. "
        "Workers do it by themselves once an hour."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only print what would be removed")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        try:
            freed = cleaning.clean(dry_run=dry_run)
        except SandboxError as error:
            raise CommandError(f"The engine could not be cleaned: {error}") from error
        runs = sweeper.old_runs().count() if dry_run else sweeper.delete_old_runs()
        for kind, ids in (("container", freed.containers), ("image", freed.images)):
            for each in ids:
                self.stdout.write(f"{kind} {each}")
        self.stdout.write(f"{'would remove' if dry_run else 'removed'} {freed}, old runs: {runs}")
