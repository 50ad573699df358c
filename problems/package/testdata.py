"""The tests below `data/sample` and `data/secret`."""

from dataclasses import dataclass, field

from problems.content import CheckerFlags, TestCase
from problems.package.errors import Findings, PackageError
from problems.package.groups import GROUP_FILES, Groups
from problems.package.metadata import Metadata
from problems.package.tree import Blobs, PackageFile, Tree

# Longest first, since a test's own name may have dots in it.
_SUFFIXES = (
    ".in.statement",
    ".ans.statement",
    ".in.download",
    ".ans.download",
    ".in",
    ".ans",
    ".out",
    ".desc",
    ".hint",
    ".yaml",
    ".interaction",
    ".png",
    ".jpg",
    ".jpeg",
    ".svg",
)
_KNOWN_FOLDERS = ("data/sample/", "data/secret/", "data/invalid_", "data/valid_")
MAX_SAMPLES = 100
MAX_NOTES = 1 << 20  # characters: they stand in one row
_NOTE_BYTES = 64 * 1024
_OF_A_TEST = (".in", ".ans")


@dataclass(slots=True)
class _Parts:
    """The files of one test by their suffixes."""

    name: str
    files: dict[str, PackageFile] = field(default_factory=dict)


def read(tree: Tree, metadata: Metadata, checker: CheckerFlags, blobs: Blobs, findings: Findings) -> list[TestCase]:
    """The tests in the order of judging: samples, then secret ones, each by name. Raises PackageError."""
    groups, tests = Groups(tree, metadata, findings), list[TestCase]()
    for kind in ("sample", "secret"):
        for parts in _collect(tree, kind, findings):
            with findings.collecting():
                tests.append(_test(len(tests) + 1, parts, groups, checker, blobs))
    _warn_of_strays(tree, findings)
    if sum(test.is_sample for test in tests) > MAX_SAMPLES:
        raise PackageError("data/sample", f"has more than {MAX_SAMPLES} tests, and all of them are shown")
    if sum(len(test.description) + len(test.hint) for test in tests) > MAX_NOTES:
        raise PackageError(
            "data", f"has descriptions and hints of more than {MAX_NOTES >> 20} million characters in all"
        )
    if not any(not test.is_sample for test in tests) and not findings.errors:
        raise PackageError("data/secret", "has no test")
    return tests


def _collect(tree: Tree, kind: str, findings: Findings) -> list[_Parts]:
    found: dict[str, _Parts] = {}
    strays = []
    for relative, file in tree.under(f"data/{kind}").items():
        if any(part.endswith(".files") for part in relative.split("/")[:-1]):
            raise PackageError(file.path, "tests with files beside their input are not supported yet")
        suffix = next((suffix for suffix in _SUFFIXES if relative.endswith(suffix)), None)
        if relative.rpartition("/")[2] in GROUP_FILES:
            continue
        if suffix is None:
            strays.append(file.path)
            continue
        name = f"{kind}/{relative.removesuffix(suffix)}"
        found.setdefault(name, _Parts(name)).files[suffix] = file
    if strays:
        findings.warn(strays[0], f"is no part of a test ({len(strays)} such in data/{kind})")
    judged = [parts for parts in found.values() if any(suffix in parts.files for suffix in _OF_A_TEST)]
    return sorted(judged, key=lambda parts: parts.name.split("/"))


def _test(number: int, parts: _Parts, groups: Groups, checker: CheckerFlags, blobs: Blobs) -> TestCase:
    for suffix, other in ((".in", ".ans"), (".ans", ".in")):
        if suffix not in parts.files:
            raise PackageError(parts.files[other].path, f"has no {suffix} beside it (data/{parts.name}{suffix})")
    settings, files = groups.settings(parts.name), parts.files
    return TestCase(
        number=number,
        name=parts.name,
        is_sample=parts.name.startswith("sample/"),
        input=blobs.add_text(files[".in"]),
        answer=blobs.add_text(files[".ans"]),
        input_bytes=files[".in"].size,
        description=_note(parts, ".desc") or settings.description,
        hint=_note(parts, ".hint") or settings.hint,
        checker=settings.checker if settings.checker != checker else None,
        shown_input=_shown(parts, (".in.statement",), blobs),
        shown_answer=_shown(parts, (".ans.statement", ".out"), blobs),
    )


def _note(parts: _Parts, suffix: str) -> str:
    file = parts.files.get(suffix)
    return file.read_text(_NOTE_BYTES).strip() if file else ""


def _shown(parts: _Parts, suffixes: tuple[str, ...], blobs: Blobs) -> str:
    file = next((parts.files[suffix] for suffix in suffixes if suffix in parts.files), None)
    return blobs.add_text(file) if file and parts.name.startswith("sample/") else ""


def _warn_of_strays(tree: Tree, findings: Findings) -> None:
    inputs = (path for path in sorted(tree.files) if path.startswith("data/") and path.endswith(".in"))
    strays = [path for path in inputs if not path.startswith(_KNOWN_FOLDERS)]
    if strays:
        findings.warn(strays[0], "is neither in data/sample nor in data/secret, so it is not judged")
