"""What authors do to problems: who may, uploads, and the statement's source, which stands in the kept package.

A version never changes. To edit its statement is to import its package again with another text in it: the same
checks, the same HTML, and what is downloaded afterwards has the edit in it.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.models import User
from problems import blobs, detail
from problems.importer import ImportReport, import_package
from problems.models import Problem, ProblemVersion
from problems.package import archive, opening, reader, statements
from problems.package.errors import PackageError
from problems.package.statements import MAX_SAMPLE_BYTES, MAX_STATEMENT_BYTES
from problems.package.tree import Blobs, PackageFile, Tree
from problems.reading import language_name

PERMISSION = "problems.add_problem"
EDITABLE = ("md", "tex")  # the first that is there is shown, as the importer has it
# What a statement is made from, at the top of a zip or in one directory there.
_NEEDED = (opening.METADATA, *statements.FOLDERS)

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Source:
    """A statement's text as its author wrote it, in Markdown ("md") or LaTeX ("tex")."""

    language: str
    kind: str
    text: str
    has_pdf: bool = False

    @property
    def language_name(self) -> str:
        return language_name(self.language)


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as readers would see it; `html` may stand in a page as it is."""

    title: str
    html: str
    notes: list[str]


def is_author(user: User | AnonymousUser) -> bool:
    """Who may own problems: staff, and those with Django's permission to add them."""
    return user.is_active and (user.is_staff or user.has_perm(PERMISSION))


def may_manage(user: User | AnonymousUser, slug: str) -> bool:
    """Whether the authors' page of a problem is there for this user. Asks the database only where it isn't plain."""
    if user.is_staff or not user.is_authenticated:
        return is_author(user)
    return Problem.objects.filter(slug=slug, owner_id=user.pk).exists() and is_author(user)


def authors_only(view: View) -> View:
    """For authors; whoever isn't signed in may do so first, for others there is no such page."""

    @login_required
    @wraps(view)
    def for_authors(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_author(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return for_authors


@contextmanager
def uploaded(upload: UploadedFile[Any]) -> Iterator[Path]:
    """An upload as a file of its own name. A large one stands on the disk already, and is read there."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / (Path(upload.name or "").name or "package.zip")
        if isinstance(upload, TemporaryUploadedFile):
            path.symlink_to(upload.temporary_file_path())
        else:
            with path.open("wb") as file:
                shutil.copyfileobj(upload, file)
        yield path


def import_privately(path: Path, owner: User, slug: str | None) -> ImportReport:
    """Import a package so that nobody new sees it: a problem that is published stays so. Raises PackageError."""
    return import_package(path, owner, slug=slug, public=None)


def sources_of(version: ProblemVersion) -> list[Source]:
    """The statements that can be edited; none where the package was not kept. Raises PackageError."""
    if not version.archive:
        return []
    with _opened(version) as tree:
        return [
            Source(language, kind, files[kind].read_text(MAX_STATEMENT_BYTES), "pdf" in files)
            for language, files in sorted(statements.sources(tree).items())
            if (kind := _kind(files))
        ]


def preview(version: ProblemVersion, language: str, text: str) -> Preview:
    """The text as that version's statement in the language. Raises PackageError."""
    with _opened(version) as tree:
        file = _file(tree, language)
        size = file.real.write_bytes(_checked(file, text))
        files = {path: other for path, other in tree.files.items() if path not in _others(tree, language)}
        files[file.path] = replace(file, size=size)
        found, notes = reader.read_statements(Tree(files), version.test_cases, _samples(version))
    statement = found[0]
    html = detail.with_addresses(version.problem, version, statement.html)
    return Preview(statement.title or version.problem.slug, html, notes)


def save(version: ProblemVersion, language: str, text: str) -> ImportReport:
    """Make a new version with another statement. Raises PackageError, and Stale if this isn't the newest."""
    problem = version.problem
    with _opened(version) as tree:
        file = _file(tree, language)
        content, place = _checked(file, text), str(file.real.relative_to(file.home))
    with TemporaryDirectory(prefix=".edited-", dir=blobs.root()) as folder:
        path = Path(folder) / f"{problem.slug}.zip"
        shutil.copyfile(blobs.path(version.archive), path)
        archive.replace(path, place, content)
        return import_package(
            path, problem.owner, slug=problem.slug, public=None, measured_ms=version.time_limit_ms, changed=version
        )


@contextmanager
def _opened(version: ProblemVersion) -> Iterator[Tree]:
    """What statements are made from, of the version's package. Raises PackageError where that was not kept."""
    if not version.archive:
        raise PackageError(str(version), "was imported before packages were kept: import its package once more")
    with opening.opened(blobs.path(version.archive), blobs.root(), settings.MAX_PACKAGE_MB << 20, _is_needed) as tree:
        yield tree


def _is_needed(path: str) -> bool:
    parts = path.split("/")
    return any(part in _NEEDED for part in parts[:2])


def _kind(files: dict[str, PackageFile]) -> str | None:
    return next((kind for kind in EDITABLE if kind in files), None)


def _file(tree: Tree, language: str) -> PackageFile:
    """The file to edit. Raises PackageError where there is none."""
    files = statements.sources(tree).get(language, {})
    kind = _kind(files)
    if kind is None:
        raise PackageError(language, "has no statement that can be edited")
    return files[kind]


def _others(tree: Tree, language: str) -> set[str]:
    """The paths of the statements in other languages, and of all PDFs: they need not be looked at."""
    found = statements.sources(tree)
    return {
        file.path for code, files in found.items() for kind, file in files.items() if code != language or kind == "pdf"
    }


def _checked(file: PackageFile, text: str) -> bytes:
    """The text as the file's new content. Raises PackageError."""
    content = text.replace("\r\n", "\n").encode(errors="replace")
    if not text.strip():
        raise PackageError(file.path, "is empty")
    if b"\0" in content:
        raise PackageError(file.path, "is not text: it has a NUL in it")
    if len(content) > MAX_STATEMENT_BYTES:
        raise PackageError(file.path, f"is larger than {MAX_STATEMENT_BYTES // 1024} KiB")
    return content


def _samples(version: ProblemVersion) -> Blobs:
    """As much of the samples as a statement shows."""
    names = {
        name
        for test in version.test_cases
        if test.is_sample
        for name in (test.shown_input or test.input, test.shown_answer or test.answer)
    }
    return Blobs({name: blobs.head(name, MAX_SAMPLE_BYTES + 1) for name in names})
