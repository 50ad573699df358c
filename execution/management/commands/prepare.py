"""`manage.py prepare`: what has to be done once before Verdict runs, and again after an update. Costs little otherwise.

One command, because starting Django costs more than most of its steps.
"""

import hashlib
import io
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from problems.models import Problem

EXAMPLES = settings.BASE_DIR / "examples"
ADMIN = "admin"


class Command(BaseCommand):
    help = "Migrate the database, make an admin, import the example problems, collect the static files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--credentials", type=Path, help="write a new admin's name and password to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        self._step("database", _migrate)
        self._step("admin", lambda: _make_admin(options["credentials"]))
        self._step("example problems", _import_examples)
        self._step("static files", _collect_static)

    def _step(self, what: str, work: Callable[[], str]) -> None:
        began = time.monotonic()
        outcome = work()
        self.stdout.write(f"{what}: {outcome}, {time.monotonic() - began:.1f} s")


def _migrate() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    return f"{len(plan)} migrations applied" if plan else "up to date"


def _make_admin(credentials: Path | None) -> str:
    """An admin with a random password, if nobody is one yet."""
    if User.objects.filter(is_superuser=True).exists():
        return "there is one"
    if User.objects.filter(username=ADMIN).exists():
        raise CommandError(f"{ADMIN} is an ordinary user here. Make an admin: script/manage createsuperuser")
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(ADMIN, password=password)
    if credentials is None:
        return f"made {ADMIN} with the password {password}"
    credentials.write_text(f"{ADMIN} {password}\n")
    return f"made {ADMIN}"


def _import_examples() -> str:
    """Import them when they are new or have changed; one that somebody has deleted doesn't come back otherwise."""
    packages = sorted(path for path in EXAMPLES.iterdir() if path.is_dir())
    stamp = Stamp("examples", _facts(path for package in packages for path in package.rglob("*") if path.is_file()))
    if not packages or (stamp.holds and Problem.objects.exists()):
        return f"{len(packages)} unchanged"
    owner = User.objects.filter(is_superuser=True).earliest("date_joined")
    call_command("import_problem", *map(str, packages), owner=owner.username, stdout=io.StringIO())
    stamp.write()
    return f"{len(packages)} imported"


def _collect_static() -> str:
    """Collect, hash and compress when a file or where they are served from has changed."""
    sources = [Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list(None)]
    stamp = Stamp("static", [settings.STATIC_URL, *_facts(sources)])
    if stamp.holds and settings.STATIC_ROOT.is_dir():
        return f"{len(sources)} unchanged"
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write()
    return f"{len(sources)} collected"


def _facts(paths: Iterable[Path]) -> list[str]:
    """What tells a file from an earlier state of itself, without reading it."""
    facts = ((path, path.stat()) for path in sorted(paths))
    return [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in facts]


class Stamp:
    """Remembers beside the data that something was done with just these inputs."""

    def __init__(self, name: str, inputs: list[str]) -> None:
        self._path = settings.VAR_DIR / f"{name}.stamp"
        self._digest = hashlib.sha256("\n".join(inputs).encode()).hexdigest()

    @property
    def holds(self) -> bool:
        return self._path.is_file() and self._path.read_text() == self._digest

    def write(self) -> None:
        self._path.write_text(self._digest)
