"""The statements of a package, one per natural language, and the files offered beside them."""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass

from problems.content import Asset, Statement, TestCase
from problems.package.constants import substituted
from problems.package.errors import Findings, PackageError
from problems.package.metadata import DEFAULT_LANGUAGE, NATURAL_LANGUAGE, Metadata
from problems.package.tree import Blobs, PackageFile, Tree
from problems.statements import latex, markdown
from problems.statements.assets import Assets
from problems.statements.markup import Finisher, Sample
from problems.statements.pandoc import PandocRefused, PandocStopped

FOLDERS = ("statement", "problem_statement")
MAX_SAMPLE_BYTES = 64 * 1024
MAX_STATEMENTS = 40
MAX_CHARACTERS = 8 << 20  # of HTML, in all languages: they stand in one row
MAX_STATEMENT_BYTES = 256 * 1024
MAX_SKIPPED = 10  # told of one statement
_NAME = re.compile(r"problem(?:\.([A-Za-z-]+))?\.(md|tex|pdf)")
_NOT_SHOWN = re.compile(r"\\begin\{(tikzpicture|asy|pspicture)\}")
_HEADING = re.compile(r"\A\s*#\s+(.+)")


def read(
    tree: Tree, metadata: Metadata, tests: Sequence[TestCase], blobs: Blobs, findings: Findings
) -> tuple[list[Statement], list[Asset]]:
    """The statements, English first, and the assets they refer to. Raises PackageError."""
    folder = next((name for name in FOLDERS if _sources(tree, name)), FOLDERS[0])
    found = _sources(tree, folder)
    if not found:
        expected = "problem_statement/problem.tex" if metadata.is_legacy else "statement/problem.en.md"
        raise PackageError(expected, "is missing: there is no statement (.md, .tex or .pdf)")
    assets = Assets(tree.under(folder), blobs)
    reader = _Reader(metadata, assets, Finisher(assets, shown_samples(tests, blobs), findings), findings)
    if len(found) > MAX_STATEMENTS:
        raise PackageError(folder, f"has statements in more than {MAX_STATEMENTS} languages")
    statements = []
    for language in sorted(found, key=lambda code: (code != DEFAULT_LANGUAGE, code)):
        try:
            with findings.collecting():
                statements.append(reader.statement(language, found[language]))
        except PandocStopped as error:  # the others are not tried: each might cost as much
            raise PackageError(_main(found[language]).path, str(error)) from None
    if sum(len(statement.html) for statement in statements) > MAX_CHARACTERS:
        raise PackageError(folder, f"has statements of more than {MAX_CHARACTERS >> 20} million characters in all")
    return statements, [assets.found[name] for name in sorted(assets.found)]


def _main(files: dict[str, PackageFile]) -> PackageFile:
    """The one that is shown in the page."""
    return next(files[kind] for kind in ("md", "tex", "pdf") if kind in files)


def sources(tree: Tree) -> dict[str, dict[str, PackageFile]]:
    """The files of each language's statement by their kind: "md", "tex", "pdf". Raises PackageError."""
    return next((found for name in FOLDERS if (found := _sources(tree, name))), {})


def attachments(tree: Tree, blobs: Blobs) -> list[Asset]:
    """The files in `attachments`."""
    return [
        Asset(file.path, blobs.add(file), _guessed_type(file.path), is_attachment=True)
        for file in tree.under("attachments").values()
    ]


def shown_samples(tests: Sequence[TestCase], blobs: Blobs) -> list[Sample]:
    """The samples as a statement shows them, very long ones cut."""
    return [
        (test.number, _shown(blobs, test.shown_input or test.input), _shown(blobs, test.shown_answer or test.answer))
        for test in tests
        if test.is_sample
    ]


def _shown(blobs: Blobs, name: str) -> str:
    content = blobs.head(name, MAX_SAMPLE_BYTES + 1)
    text = content[:MAX_SAMPLE_BYTES].decode(errors="ignore")
    return f"{text}…\n" if len(content) > MAX_SAMPLE_BYTES else text


def _sources(tree: Tree, folder: str) -> dict[str, dict[str, PackageFile]]:
    """The files of each language's statement by their kind; DOMjudge has a PDF beside problem.yaml."""
    found: dict[str, dict[str, PackageFile]] = {}
    for relative, file in tree.under(folder).items():
        match = _NAME.fullmatch(relative)
        if match is None:
            continue
        language = match[1] or DEFAULT_LANGUAGE
        if not NATURAL_LANGUAGE.fullmatch(language):
            raise PackageError(file.path, f"{language[:40]!r} is not the code of a language")
        found.setdefault(language, {}).setdefault(match[2], file)
    beside = tree.get("problem.pdf")
    return found if found or beside is None else {DEFAULT_LANGUAGE: {"pdf": beside}}


@dataclass(frozen=True, slots=True)
class _Reader:
    metadata: Metadata
    assets: Assets
    finisher: Finisher
    findings: Findings

    def statement(self, language: str, files: dict[str, PackageFile]) -> Statement:
        html, title, shown = "", "", list[int]()
        if "md" in files:
            html, title, shown = self._markdown(files["md"])
        elif "tex" in files:
            html, title, shown = self._latex(files["tex"])
        pdf = self.assets.add_pdf(f"problem.{language}.pdf", files["pdf"]).blob if "pdf" in files else ""
        title = self.metadata.names.get(language) or title or self.metadata.names.get(DEFAULT_LANGUAGE, "")
        return Statement(language, title[:200], html, pdf, shown)

    def _markdown(self, file: PackageFile) -> tuple[str, str, list[int]]:
        text = substituted(file.read_text(MAX_STATEMENT_BYTES), self.metadata.constants)
        html, shown = self.finisher.finish(file.path, markdown.to_html(text))
        heading = None if self.metadata.names else _HEADING.match(text)
        return html, heading[1].strip() if heading else "", shown

    def _latex(self, file: PackageFile) -> tuple[str, str, list[int]]:
        text = file.read_text(MAX_STATEMENT_BYTES)
        if found := _NOT_SHOWN.search(text):
            self.findings.warn(file.path, f"has a drawing made by LaTeX itself ({found[1]}), which is not shown")
        try:
            html, title, skipped = latex.to_html(text, self.metadata.constants)
        except PandocRefused as error:
            self.findings.warn(file.path, f"is shown as its source, since it could not be converted: {error}")
            html, title, skipped = latex.as_source(text), "", []
        if skipped:
            shown = ", ".join(words[:40] for words in skipped[:MAX_SKIPPED])
            self.findings.warn(file.path, f"has LaTeX that is not known and is not shown ({len(skipped)}): {shown}")
        finished, numbers = self.finisher.finish(file.path, html)
        return finished, title, numbers


def _guessed_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
