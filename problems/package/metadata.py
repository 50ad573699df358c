"""problem.yaml, in all versions of the format, as one set of plain values."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from problems.content import Credits
from problems.package import limits, yamldoc
from problems.package.errors import Findings, PackageError
from problems.package.fields import Fields
from problems.package.languages import LANGUAGE_CODES
from problems.package.limits import PackageLimits
from problems.package.opening import METADATA
from problems.package.tree import Tree

LEGACY = ("legacy", "legacy-icpc")
DATED = ("2023-07", "2023-07-draft", "2025-09", "2025-09-draft", "draft")
DEFAULT_LANGUAGE = "en"
NATURAL_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?")

_LICENSES = ("unknown", "public domain", "cc0", "cc by", "cc by-sa", "educational", "permission")
_UNSUPPORTED_TYPES = {
    "scoring": "scoring problems",
    "interactive": "interactive problems",
    "multi-pass": "multi-pass problems",
    "submit-answer": "problems whose answers are submitted instead of programs",
}
_TYPE_OF_VALIDATION = {"score": "scoring", "interactive": "interactive"}
_EMAIL = re.compile(r"\s*<[^<>]*>\s*$")
_CONSTANT_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NO_MATTER = ("uuid", "version", "grading", "libraries", "ground_truth", "verified")
_EMBARGO = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Metadata:
    """`names` are titles by natural language; `languages` are codes, empty for all."""

    package_format: str
    names: dict[str, str]
    credits: Credits
    limits: PackageLimits
    validator_flags: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    is_embargoed: bool = False

    @property
    def is_legacy(self) -> bool:
        return self.package_format in LEGACY


def read(tree: Tree, findings: Findings) -> Metadata:
    """The package's metadata. Raises PackageError, also for kinds of problems that can't be judged here."""
    file = tree.get(METADATA)
    if file is None:
        raise PackageError(METADATA, "is missing")
    fields = Fields(METADATA, yamldoc.load(file))
    domjudge = _domjudge_settings(tree)
    package_format = fields.text("problem_format_version", "legacy")
    if package_format not in (*LEGACY, *DATED):
        known = ", ".join((*LEGACY, *DATED))
        raise PackageError(METADATA, f"problem_format_version {package_format!r} is not known; known are {known}")
    _refuse_unsupported(fields)
    limit_fields = fields.map("limits")
    metadata = Metadata(
        package_format=package_format,
        names=_names(fields),
        credits=_credits(fields, findings),
        limits=limits.read(tree, limit_fields, findings, legacy=package_format in LEGACY),
        validator_flags=fields.words("validator_flags") or domjudge.get("special_compare_args", "").split(),
        languages=_languages(fields, findings),
        constants=_constants(fields.map("constants")),
        is_embargoed=_is_embargoed(fields.text("embargo_until")),
    )
    for key in _NO_MATTER:
        fields.raw(key)
    for key in (*fields.unasked(), *limit_fields.unasked()):
        findings.warn(METADATA, f"{key} is not known and was passed over")
    return metadata


def _refuse_unsupported(fields: Fields) -> None:
    types = fields.words("type")
    validation = fields.words("validation") or ["default"]
    named = [
        *types,
        *(["interactive"] if "interactive" in validation else []),
        *(["scoring"] * ("score" in validation)),
    ]
    for name, words in _UNSUPPORTED_TYPES.items():
        if name in named:
            raise PackageError(METADATA, f"{words} are not supported yet")
    unknown = [name for name in types if name != "pass-fail"]
    if unknown:
        raise fields.error("type", "is not known", unknown[0])
    if validation[0] == "custom":
        raise PackageError(METADATA, "problems with an output validator of their own are not supported yet")
    if validation != ["default"]:
        raise fields.error("validation", "must be default or custom", " ".join(validation))
    if fields.flag("allow_file_writing"):
        raise PackageError(METADATA, "problems whose programs write files where they run are not supported yet")


def _domjudge_settings(tree: Tree) -> dict[str, str]:
    """What domjudge-problem.ini says beside its time limit."""
    file = tree.get(limits.INI_FILE)
    settings = limits.ini_settings(file) if file else {}
    for key in ("special_compare", "special_run"):
        if settings.get(key):
            raise PackageError(limits.INI_FILE, f"{key}: problems with programs of their own are not supported yet")
    return settings


def _names(fields: Fields) -> dict[str, str]:
    if not isinstance(fields.raw("name"), dict):
        return {DEFAULT_LANGUAGE: name} if (name := fields.text("name")) else {}
    names = fields.map("name")
    for language in names.names():
        if not NATURAL_LANGUAGE.fullmatch(language):
            raise PackageError(METADATA, f"name.{language[:40]} is not the code of a language")
    return {language: names.text(language) for language in names.names()}


def _credits(fields: Fields, findings: Findings) -> Credits:
    credits = fields.raw("credits")
    authors = fields.map("credits").raw("authors") if isinstance(credits, dict) else credits
    author = _people(fields, "credits", authors) or _people(fields, "author", fields.raw("author"))
    source, url = _source(fields)
    if url and not re.match(r"https?://", url):
        findings.warn(METADATA, f"the source's address is not one of the web and was left out: {url[:80]}")
        url = ""
    license_name = fields.text("license", "unknown").lower()
    if license_name not in _LICENSES:
        findings.warn(METADATA, f"the license {license_name[:40]!r} is not one of the format's and counts as unknown")
        license_name = "unknown"
    owner = _people(fields, "rights_owner", fields.raw("rights_owner"))
    if not owner and license_name not in {"unknown", "public domain"}:
        owner = author or source
    return Credits(author, source, url, license_name, owner, _keywords(fields))


def _keywords(fields: Fields) -> list[str]:
    """A list in the dated versions, words in one line in the legacy ones."""
    return fields.texts("keywords") if isinstance(fields.raw("keywords"), list) else fields.words("keywords")


def _people(fields: Fields, key: str, value: Any) -> str:
    """Persons ("Name <mail>", or a map with a name, or a list of those) as "Name, Name": no addresses are kept."""
    people = [] if value is None else value if isinstance(value, list) else [value]
    names = [person.get("name") if isinstance(person, dict) else person for person in people]
    if not all(isinstance(name, str) for name in names):
        raise fields.error(key, "must be persons: names, or maps with a name", value)
    return ", ".join(" ".join(_EMAIL.sub("", str(name)).split()) for name in names)[:500]


def _source(fields: Fields) -> tuple[str, str]:
    """Names and the first address."""
    value = fields.raw("source")
    entries = [] if value is None else value if isinstance(value, list) else [value]
    names, urls = [], [fields.text("source_url")]
    for entry in entries:
        item = Fields(METADATA, entry if isinstance(entry, dict) else {"name": entry}, "source.")
        names.append(item.text("name"))
        urls.append(item.text("url"))
    return ", ".join(name for name in names if name)[:500], next((url for url in urls if url), "")


def _languages(fields: Fields, findings: Findings) -> list[str]:
    """Codes; empty where all are allowed."""
    codes = fields.words("languages")
    if "all" in codes:
        return []
    if unknown := [code for code in codes if code not in LANGUAGE_CODES]:
        findings.warn(METADATA, f"languages: {unknown[0][:40]} is not the code of a language")
    return codes


def _constants(fields: Fields) -> dict[str, str]:
    for name in fields.names():
        if not _CONSTANT_NAME.fullmatch(name):
            raise PackageError(METADATA, f"constants.{name[:40]} is not a name of letters, digits and underscores")
    return {name: fields.text(name) for name in fields.names()}


def _is_embargoed(until: str) -> bool:
    """Whether the package says that it must not be shown yet."""
    for pattern in _EMBARGO if until else ():
        try:
            return datetime.strptime(until, pattern).replace(tzinfo=UTC) > datetime.now(UTC)
        except ValueError:
            continue
    if until:
        raise PackageError(
            METADATA, f"embargo_until must be like 2026-11-24 or 2026-11-24T10:00:00Z, not {until[:40]!r}"
        )
    return False
