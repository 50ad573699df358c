"""What a problem version is made of, as plain values. Knows neither the ORM nor the package format's files.

Names of blobs (`problems.blobs`) stand for the content of files. Every value here goes into a JSON column and comes
back by `from_json` (`plain` is the way there), so its fields are of JSON's types only, or of such values again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

MAX_TAGS, MAX_TAG = 20, 50  # tags of a problem, characters of a tag


@dataclass(frozen=True, slots=True)
class CheckerFlags:
    """The default output validator's flags, as the package format names them. A tolerance of None means none."""

    case_sensitive: bool = False
    space_change_sensitive: bool = False
    float_absolute_tolerance: float | None = None
    float_relative_tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test: `input` and `answer` are blobs.

    `checker` is set only where the test has flags other than its version's. `shown_input` and `shown_answer` are
    blobs, set where a sample is shown otherwise than it is judged.
    """

    __test__ = False  # not pytest's

    number: int  # from 1, samples first
    name: str  # "secret/group1/03-large"
    is_sample: bool
    input: str
    answer: str
    input_bytes: int
    description: str = ""
    hint: str = ""
    checker: CheckerFlags | None = None
    shown_input: str = ""
    shown_answer: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Self:
        checker = item["checker"]
        return cls(**{**item, "checker": CheckerFlags(**checker) if checker else None})


@dataclass(frozen=True, slots=True)
class JuryRule:
    """What a jury program's verdicts on some tests must be: all of `permitted`, at least one of `required`.

    Both are verdict codes (`execution.verdicts`); an empty `required` asks for nothing. `tests` are numbers, None
    stands for all. `bounds` says how the program's slowest time on these tests bounds the time limit: "lower" (the
    limit must let it through), "upper" (the limit must stop it), or "" (not at all).
    """

    permitted: list[str]
    required: list[str]
    tests: list[int] | None = None
    bounds: str = ""

    def is_met_by(self, verdicts: Mapping[int, str]) -> bool:
        """Whether the verdicts, by test number, are as told. A test that is missing was not judged."""
        relevant = [code for number, code in verdicts.items() if self.tests is None or number in self.tests]
        return all(code in self.permitted for code in relevant) and (
            not self.required or any(code in self.required for code in relevant)
        )


@dataclass(frozen=True, slots=True)
class JuryProgram:
    """A tagged submission of the package.

    `language` is the format's code, "" if it can't be told; `entrypoint` is set only where the package names one.
    """

    path: str  # "submissions/wrong_answer/greedy.py"
    expected: str  # the tag: the directory's name
    language: str
    files: dict[str, str]  # name to blob
    rules: list[JuryRule]
    entrypoint: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, Any]) -> Self:
        return cls(**{**item, "rules": [JuryRule(**rule) for rule in item["rules"]]})

    def is_met_by(self, verdicts: Mapping[int, str]) -> bool:
        """Whether the program did what its tag says; `verdicts` are codes by test number."""
        return all(rule.is_met_by(verdicts) for rule in self.rules)

    @property
    def permitted(self) -> list[str]:
        """What it may get on a test, whichever the test is."""
        return self.rules[0].permitted

    @property
    def required(self) -> list[str]:
        """What it must get on some test; empty where nothing is asked for."""
        return self.rules[0].required


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in one natural language: sanitised `html`, or a PDF in the blob `pdf`.

    In the HTML, images and links to files of the package are `assets/NAME`, after `Asset.name`; a formula is
    `<span class="math inline" data-tex="…">` (or `math display`) around a form that reads well without scripts.
    `inline_samples` are the numbers of the samples that stand in the text already.
    """

    language: str  # "en", "pt-BR"
    title: str
    html: str = ""
    pdf: str = ""
    inline_samples: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timing:
    """How a time limit follows from the slowest accepted and the fastest too slow submission (seconds, factors)."""

    ac_to_time_limit: float = 2.0
    time_limit_to_tle: float = 1.5
    resolution_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Asset:
    """A file shown with the statement, or offered for download; `name` may contain slashes."""

    name: str
    blob: str
    content_type: str
    is_attachment: bool = False


@dataclass(frozen=True, slots=True)
class Credits:
    """Where the problem comes from, and who may use it how."""

    author: str = ""
    source: str = ""
    source_url: str = ""
    license: str = "unknown"
    rights_owner: str = ""
    keywords: list[str] = field(default_factory=list)


def tags_of(keywords: Iterable[str]) -> list[str]:
    """Keywords as tags: in small letters, spaces made single, each once, at most MAX_TAGS."""
    words = (" ".join(keyword.casefold().split())[:MAX_TAG] for keyword in keywords)
    return list(dict.fromkeys(word for word in words if word))[:MAX_TAGS]


def plain(value: Any) -> Any:
    """A value of this module, or a list of them, as JSON columns store it."""
    return [asdict(item) for item in value] if isinstance(value, list) else asdict(value)
