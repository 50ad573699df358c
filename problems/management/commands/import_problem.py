"""Imports problem packages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from problems.importer import import_package
from problems.package.errors import PackageError


class Command(BaseCommand):
    help = "Import problem packages (ICPC / Kattis format), each a directory or a zip. One line per package."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--owner", help="username of the problems' owner; else the first superuser")
        parser.add_argument("--slug", help="the problem's name in addresses; else the package's name")
        parser.add_argument("--private", action="store_true", help="show it to its owner and staff only")

    def handle(self, *args: Any, **options: Any) -> None:
        paths: list[Path] = options["paths"]
        if options["slug"] and len(paths) > 1:
            raise CommandError("--slug is for one package at a time")
        owner = _owner(options["owner"])
        refused = sum(not self._imported(path, owner, options) for path in paths)
        if refused:
            raise CommandError(f"{refused} of {len(paths)} packages refused")

    def _imported(self, path: Path, owner: User, options: dict[str, Any]) -> bool:
        try:
            report = import_package(path.resolve(), owner, slug=options["slug"], public=not options["private"])
        except PackageError as error:
            for reason in error.reasons:
                self.stderr.write(self.style.ERROR(f"{path.name}: refused: {reason}"))
            return False
        for warning in report.warnings:
            self.stderr.write(self.style.WARNING(f"{report.problem.slug}: note: {warning}"))
        self.stdout.write(f"{report.problem.slug}: {report.summary}")
        return True


def _owner(username: str | None) -> User:
    owner = (
        User.objects.filter(username=username).first()
        if username
        else User.objects.filter(is_superuser=True).order_by("date_joined").first()
    )
    if owner is None:
        raise CommandError(f"there is no user {username!r}" if username else "there is no superuser yet; give --owner")
    return owner
