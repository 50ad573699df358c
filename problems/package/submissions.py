"""The jury's tagged submissions below `submissions`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from problems.content import JuryProgram, JuryRule, TestCase
from problems.package import expectations, yamldoc
from problems.package.constants import substituted
from problems.package.errors import Findings, PackageError
from problems.package.expectations import Entry
from problems.package.fields import Fields
from problems.package.languages import language_of
from problems.package.metadata import Metadata
from problems.package.tree import Blobs, PackageFile, Tree

FOLDER = "submissions"
SETTINGS_FILE = f"{FOLDER}/submissions.yaml"
MAX_PROGRAM_BYTES = 1 << 20
MAX_PROGRAMS = 2000
MAX_NAMED_TESTS = 1_000_000

_ENTRYPOINT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def read(
    tree: Tree, metadata: Metadata, tests: Sequence[TestCase], blobs: Blobs, findings: Findings
) -> list[JuryProgram]:
    """The programs in order of their paths. Raises PackageError."""
    reader = _Reader(metadata, _entries(tree, tests, findings), findings)
    programs = []
    for path, files in _programs(tree, findings).items():
        sources = reader.sources(path, files)
        if sources:
            programs.append(reader.program(path, sources, blobs))
    _refuse_too_many(programs)
    _warn_of_unknown(programs, metadata, findings)
    return programs


def _programs(tree: Tree, findings: Findings) -> dict[str, dict[str, PackageFile]]:
    """The files of each program by their names in it; the program's path is relative to `submissions`."""
    found: dict[str, dict[str, PackageFile]] = {}
    for relative, file in tree.under(FOLDER).items():
        folder, *names = relative.split("/")
        if names:
            found.setdefault(f"{folder}/{names[0]}", {})["/".join(names[1:]) or names[0]] = file
        elif file.path != SETTINGS_FILE:
            findings.warn(file.path, "is in no directory that says what is expected of it, and was left out")
    return found


def _entries(tree: Tree, tests: Sequence[TestCase], findings: Findings) -> list[Entry]:
    file = tree.get(SETTINGS_FILE)
    fields = Fields(SETTINGS_FILE, yamldoc.load(file) if file else {})
    entries = expectations.entries(fields, [(test.number, test.name) for test in tests])
    for key in ("message", "score"):
        if any(entry.fields.has(key) for entry in entries):
            findings.warn(SETTINGS_FILE, f"{key} is not checked")
    return entries


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads programs of one package."""

    metadata: Metadata
    entries: list[Entry]
    findings: Findings

    def sources(self, path: str, files: dict[str, PackageFile]) -> dict[str, bytes]:
        """A program's files as UTF-8 with constants put in; nothing if it is left out."""
        if sum(file.size for file in files.values()) > MAX_PROGRAM_BYTES:
            self.findings.warn(f"{FOLDER}/{path}", f"is larger than {MAX_PROGRAM_BYTES >> 10} KiB and was left out")
            return {}
        texts = {name: self._text(file) for name, file in files.items()}
        return {name: text.encode() for name, text in texts.items() if text is not None}

    def program(self, path: str, sources: dict[str, bytes], blobs: Blobs) -> JuryProgram:
        folder = path.partition("/")[0]
        mine = [entry for entry in self.entries if entry.matches(path)]
        language = next((code for entry in mine if (code := entry.fields.text("language"))), "")
        return JuryProgram(
            path=f"{FOLDER}/{path}",
            expected=folder,
            language=language or language_of(sources.items(), has_shebangs=self.metadata.is_legacy),
            files={name: blobs.add_bytes(content) for name, content in sources.items()},
            rules=self._rules(folder, sources, mine),
            entrypoint=next((point for entry in mine if (point := _entrypoint(entry))), ""),
        )

    def _rules(self, folder: str, sources: dict[str, bytes], entries: Sequence[Entry]) -> list[JuryRule]:
        """The directory's rule first, as an annotation or an entry for the whole directory has it, then the others'."""
        first = expectations.of_directory(folder, legacy=self.metadata.is_legacy)
        first = expectations.annotated(first, (sources[name] for name in sorted(sources)))
        others: list[JuryRule] = []
        for entry in entries:
            if entry.pattern == folder:
                made = entry.rules(first)
                first = made.pop(0) if made and made[0].tests is None else first
            else:
                made = entry.rules(expectations.ANYTHING)
            others.extend(made)
        return [first, *others]

    def _text(self, file: PackageFile) -> str | None:
        content = file.read(MAX_PROGRAM_BYTES)
        if b"\0" in content:
            self.findings.warn(file.path, "is not text and was left out")
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.findings.warn(file.path, "is not UTF-8 and was read as Latin-1")
            text = content.decode("latin-1")
        return substituted(text, self.metadata.constants)


def _entrypoint(entry: Entry) -> str:
    """A file of the program, or a class in it."""
    point = entry.fields.text("entrypoint")
    if point and not _ENTRYPOINT.fullmatch(point):
        raise entry.fields.error("entrypoint", "must be the name of a file or a class", point)
    return point


def _refuse_too_many(programs: Sequence[JuryProgram]) -> None:
    """Each rule names its tests, so that many rules for many tests would make a row that nobody can load."""
    named = sum(len(rule.tests or ()) for program in programs for rule in program.rules)
    if len(programs) > MAX_PROGRAMS:
        raise PackageError(FOLDER, f"has more than {MAX_PROGRAMS} programs")
    if named > MAX_NAMED_TESTS:
        raise PackageError(SETTINGS_FILE, f"has rules for more than {MAX_NAMED_TESTS} tests in all")


def _warn_of_unknown(programs: Sequence[JuryProgram], metadata: Metadata, findings: Findings) -> None:
    for program in programs:
        known = expectations.is_known(program.expected, legacy=metadata.is_legacy)
        rule = program.rules[0]
        if not known and len(program.rules) == 1 and not rule.required and len(rule.permitted) > 1:
            findings.warn(program.path, "nothing is expected of it: its directory is not one of the format's")
        if not program.language:
            findings.warn(program.path, "its language can't be told from its files")
    if not any(program.expected == "accepted" for program in programs):
        findings.warn(f"{FOLDER}/accepted", "has no program, so nothing shows that the problem can be solved")
