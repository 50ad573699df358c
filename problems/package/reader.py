"""Reads a whole package: everything in it is looked at before anybody acts on any of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from problems.content import Asset, CheckerFlags, Credits, JuryProgram, Statement, TestCase
from problems.package import flags, metadata, statements, submissions, testdata
from problems.package.errors import Findings, PackageError
from problems.package.limits import PackageLimits
from problems.package.metadata import Metadata
from problems.package.opening import METADATA
from problems.package.tree import Blobs, Tree

# What would change verdicts, by version; the first alone is told.
_UNSUPPORTED_FOLDERS = {
    "include": "code included in all submissions",
    "static_validator": "static validators",
    "output_validator": "output validators of a problem's own",
}
MAX_WARNINGS = 20  # of a kind
_DATED_UNSUPPORTED_FOLDERS = {**_UNSUPPORTED_FOLDERS, "output_validators": "output validators of a problem's own"}


@dataclass(frozen=True, slots=True)
class Package:
    """A package that can be used. `blobs` has what its values name; nothing of it is stored yet."""

    package_format: str
    limits: PackageLimits
    checker: CheckerFlags
    credits: Credits
    languages: list[str]
    is_embargoed: bool
    tests: list[TestCase]
    jury: list[JuryProgram]
    statements: list[Statement]
    assets: list[Asset]
    blobs: Blobs
    warnings: list[str]


def read(tree: Tree) -> Package:
    """Raises PackageError with all that was found wrong."""
    findings, blobs = Findings(), Blobs()
    about = metadata.read(tree, findings)
    tree = _as_the_format_sees_it(tree, about, findings)
    _refuse_unsupported(tree, about, findings)
    checker, tests, jury = CheckerFlags(), list[TestCase](), list[JuryProgram]()
    texts, assets = list[Statement](), list[Asset]()
    with findings.collecting():
        checker = flags.parse(METADATA, about.validator_flags, once=not about.is_legacy)
    with findings.collecting():
        checker, tests = _with_common_flags(checker, testdata.read(tree, about, checker, blobs, findings))
    with findings.collecting():
        jury = submissions.read(tree, about, tests, blobs, findings)
    with findings.collecting():
        texts, assets = statements.read(tree, about, tests, blobs, findings)
        assets += statements.attachments(tree, blobs)
    with findings.collecting():
        _refuse_unmeasurable(about, jury)
    findings.raise_errors()
    return Package(
        package_format=about.package_format,
        limits=about.limits,
        checker=checker,
        credits=about.credits,
        languages=about.languages,
        is_embargoed=about.is_embargoed,
        tests=tests,
        jury=jury,
        statements=texts,
        assets=assets,
        blobs=blobs,
        warnings=findings.warnings,
    )


def read_statements(tree: Tree, tests: Sequence[TestCase], blobs: Blobs) -> tuple[list[Statement], list[str]]:
    """Only the statements, and what is odd about them; `blobs` has the samples. Raises PackageError."""
    about = metadata.read(tree, Findings())
    findings = Findings()
    texts, _ = statements.read(_as_the_format_sees_it(tree, about, findings), about, tests, blobs, findings)
    findings.raise_errors()
    return texts, findings.warnings


def _as_the_format_sees_it(tree: Tree, about: Metadata, findings: Findings) -> Tree:
    """The dated versions take files with odd names as not being there."""
    if about.is_legacy:
        return tree
    seen, odd = tree.without_odd_names()
    for path in odd[:MAX_WARNINGS]:
        findings.warn(path, "has a name that the format does not allow and counts as not being there")
    if len(odd) > MAX_WARNINGS:
        findings.warn(odd[MAX_WARNINGS], f"and {len(odd) - MAX_WARNINGS} in all have names that are not allowed either")
    return seen


def _refuse_unsupported(tree: Tree, about: Metadata, findings: Findings) -> None:
    folders = _UNSUPPORTED_FOLDERS if about.is_legacy else _DATED_UNSUPPORTED_FOLDERS
    for folder, words in folders.items():
        if tree.has(folder):
            raise PackageError(f"{folder}/", f"{words} are not supported yet")
    if about.is_legacy and tree.has("output_validators"):
        findings.warn("output_validators/", "is not used, since problem.yaml asks for the default output validator")


def _refuse_unmeasurable(about: Metadata, jury: list[JuryProgram]) -> None:
    accepted = any(rule.bounds == "lower" for program in jury for rule in program.rules)
    if about.limits.time_ms is None and not accepted:
        raise PackageError(METADATA, "has no time limit, and there is no accepted submission to measure one from")


def _with_common_flags(checker: CheckerFlags, tests: list[TestCase]) -> tuple[CheckerFlags, list[TestCase]]:
    """The flags that most tests have become the version's, and only the others' stand with them."""
    if not tests:
        return checker, tests
    effective = [test.checker or checker for test in tests]
    common = Counter(effective).most_common(1)[0][0]
    return common, [
        replace(test, checker=None if own == common else own) for test, own in zip(tests, effective, strict=True)
    ]


def describe(package: Package) -> dict[str, object]:
    """All that the package says, as JSON could: equal packages have equal descriptions."""
    described = asdict(replace(package, blobs=Blobs(), warnings=[]))
    del described["blobs"], described["warnings"], described["is_embargoed"]
    return described
