"""Makes a problem, or a new version of one, of a package.

The package is read and validated in full (`problems.package`) before anything is stored. Then its blobs are stored,
which nobody sees, and last, in one transaction, the rows that name them.
"""

import hashlib
import json
import re
import tempfile
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from problems import blobs
from problems.models import Problem, ProblemVersion, plain
from problems.package import archive, opening, reader
from problems.package.errors import PackageError
from problems.package.reader import Package
from problems.package.tree import Blobs, Tree

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
MAX_SLUG = 100
_ATTEMPTS = 3  # of two imports at once, each takes the next number


class Stale(Exception):
    """What was changed isn't the newest version any more."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import. `created`: there is a new version; else the newest one says the same already."""

    problem: Problem
    version: ProblemVersion
    warnings: list[str]
    created: bool

    @property
    def summary(self) -> str:
        """What there is now, in one line."""
        version = self.version
        state = f"version {version.number}" + ("" if self.created else ", unchanged")
        limit = "time limit to be measured" if version.time_limit_ms is None else f"{version.time_limit_ms / 1000:g} s"
        counts = f"{version.test_count} tests, {len(version.jury_json)} tagged submissions"
        return f"{state}, {counts}, {limit}" + ("" if self.problem.is_public else ", private")


def import_package(
    path: Path,
    owner: User,
    *,
    slug: str | None = None,
    public: bool | None = True,
    measured_ms: int | None = None,
    changed: ProblemVersion | None = None,
) -> ImportReport:
    """Import the package at `path`, a directory or a zip; raises PackageError, and then nothing of it is stored.

    The slug is the path's name unless given. A problem of that slug must be `owner`'s. A new problem is made public,
    unless told otherwise or under an embargo; one that is there stays as it is, but for `public=False`. With
    `public=None` it stays, and a new one is private. `measured_ms` is the time limit of a package that names none,
    where it was measured already. `changed` is the version that the package is a change of: raises Stale if there is a
    newer one.
    """
    slug = slug_of(path.name) if slug is None else _checked_slug(slug, slug)
    _refuse_foreign(slug, owner)
    with opening.opened(path, blobs.root(), settings.MAX_PACKAGE_MB << 20) as tree:
        package = _titled(reader.read(tree), slug)
        _store(package.blobs)
        kept = _kept_archive(path, tree)
    fields = _fields(package, kept, measured_ms)
    return _saved(slug, owner, fields, False if package.is_embargoed else public, changed)


def slug_of(name: str) -> str:
    """The slug that a package's name makes: "A Plus-B.zip" is a-plus-b. Raises PackageError."""
    stem = re.sub(r"\.(zip|kpp)$", "", name, flags=re.IGNORECASE)
    return _checked_slug(stem.lower().replace(" ", "-"), name)


def _checked_slug(slug: str, name: str) -> str:
    if not SLUG.fullmatch(slug) or len(slug) > MAX_SLUG:
        raise PackageError(
            name, f"makes no slug: it must be letters a-z, digits and single dashes, at most {MAX_SLUG}; give one"
        )
    return slug


def _refuse_foreign(slug: str, owner: User) -> None:
    if Problem.objects.filter(slug=slug).exclude(owner=owner).exists():
        raise PackageError(slug, "this slug is taken by somebody else's problem")


def _titled(package: Package, slug: str) -> Package:
    """Statements that have no title at all get the slug."""
    statements = [replace(statement, title=statement.title or slug) for statement in package.statements]
    return replace(package, statements=statements)


def _digest(package: Package) -> str:
    return hashlib.sha256(json.dumps(reader.describe(package), sort_keys=True).encode()).hexdigest()


def _store(noted: Blobs) -> None:
    for name, source in noted.sources.items():
        if not blobs.exists(name):
            with BytesIO(source) if isinstance(source, bytes) else source.open() as content:
                if blobs.put(content) != name:
                    raise PackageError(name if isinstance(source, bytes) else source.path, "changed while it was read")


def _kept_archive(path: Path, tree: Tree) -> str:
    """Store the package itself, a directory as a zip of what was read; returns the blob's name."""
    if path.is_file():
        with path.open("rb") as packed:
            return blobs.put(packed)
    with tempfile.TemporaryFile(dir=blobs.root()) as packed:
        archive.pack(tree, packed)
        packed.seek(0)
        return blobs.put(packed)


def _saved(
    slug: str, owner: User, fields: dict[str, Any], public: bool | None, changed: ProblemVersion | None
) -> ImportReport:
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                return _save(slug, owner, fields, public, changed)
        except IntegrityError:
            if attempt == _ATTEMPTS - 1:
                raise PackageError(slug, "is being imported by others at the same time; try again") from None
    raise AssertionError("the last attempt returns or raises")


def _save(
    slug: str, owner: User, fields: dict[str, Any], public: bool | None, changed: ProblemVersion | None
) -> ImportReport:
    problem = Problem.objects.select_for_update(no_key=True).filter(slug=slug).first()
    if problem is None:
        title = fields["statements_json"][0]["title"]
        problem = Problem.objects.create(slug=slug, owner=owner, title=title, is_public=bool(public))
    elif problem.owner_id != owner.pk:
        raise PackageError(slug, "this slug is taken by somebody else's problem")
    elif problem.is_public and public is False:
        problem.is_public = False
        problem.save(update_fields=["is_public", "updated"])
    newest = problem.newest_version()
    if changed and newest != changed:
        raise Stale
    if newest and newest.content_digest == fields["content_digest"]:
        _note_archive(newest, fields["archive"])
        return ImportReport(problem, newest, fields["notes_json"], created=False)
    version = ProblemVersion.objects.create(problem=problem, number=(newest.number if newest else 0) + 1, **fields)
    if version.time_limit_ms is not None:
        problem.adopt(version)
    return ImportReport(problem, version, fields["notes_json"], created=True)


def _note_archive(version: ProblemVersion, kept: str) -> None:
    """Versions from before packages were kept get theirs when it comes again."""
    if not version.archive:
        version.archive = kept
        version.save(update_fields=["archive"])


def _fields(package: Package, kept: str, measured_ms: int | None) -> dict[str, Any]:
    """What a version made of the package says."""
    return {
        "package_format": package.package_format,
        "content_digest": _digest(package),
        "archive": kept,
        "time_limit_ms": package.limits.time_ms or measured_ms,
        "memory_limit_mb": package.limits.memory_mb,
        "output_limit_mb": package.limits.output_mb,
        "languages": package.languages,
        "statements_json": plain(package.statements),
        "credits_json": plain(package.credits),
        "checker_json": plain(package.checker),
        "timing_json": plain(package.limits.timing),
        "test_cases_json": plain(package.tests),
        "test_count": len(package.tests),
        "jury_json": plain(package.jury),
        "assets_json": plain(package.assets),
        "notes_json": package.warnings,
    }
