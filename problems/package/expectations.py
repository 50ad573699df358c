"""What is expected of a tagged submission: by its directory, by an annotation in it, by submissions.yaml.

The format's RTE stands for our RE, MLE and OLE: it knows no others for programs that were stopped or crashed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from problems.content import JuryRule
from problems.package.errors import PackageError
from problems.package.fields import Fields

_CODES = {"AC": ["AC"], "WA": ["WA"], "TLE": ["TLE"], "RTE": ["RE", "MLE", "OLE"]}
_ANY = ["AC", "WA", "TLE", "RE", "MLE", "OLE"]
_CRASH = _CODES["RTE"]
_NOT_ACCEPTED = ["WA", "TLE", *_CRASH]

# The directories of the dated versions ("Default directories").
_DATED = {
    "accepted": JuryRule(["AC"], [], bounds="lower"),
    "rejected": JuryRule(_ANY, _NOT_ACCEPTED),
    "wrong_answer": JuryRule(["AC", "WA"], ["WA"], bounds="lower"),
    "time_limit_exceeded": JuryRule(["AC", "TLE"], ["TLE"], bounds="upper"),
    "run_time_error": JuryRule(["AC", *_CRASH], _CRASH, bounds="lower"),
    "brute_force": JuryRule(["AC", "TLE", *_CRASH], ["TLE", *_CRASH]),
}
# Of the legacy ones ("Example Submissions"), with the directories that DOMjudge adds to them.
_LEGACY = {
    "accepted": JuryRule(["AC"], [], bounds="lower"),
    "rejected": JuryRule(_ANY, _NOT_ACCEPTED),
    "wrong_answer": JuryRule(["AC", "WA"], ["WA"]),
    "no_output": JuryRule(["AC", "WA"], ["WA"]),
    "time_limit_exceeded": JuryRule(["AC", "WA", "TLE"], ["TLE"], bounds="upper"),
    "run_time_error": JuryRule(_ANY, _CRASH),
    "memory_limit_exceeded": JuryRule(_ANY, _CRASH),
    "output_limit_exceeded": JuryRule(_ANY, _CRASH),
    "compiler_error": JuryRule(["CE"], ["CE"]),
    "brute_force": JuryRule(["AC", "TLE", *_CRASH], ["TLE", *_CRASH]),
}
ANYTHING = JuryRule(_ANY, [])

_ANNOTATION = re.compile(rb"@EXPECTED_RESULTS@:\s*([A-Za-z_, \t-]+)")
_ANNOTATED = {
    "CORRECT": ["AC"],
    "ACCEPTED": ["AC"],
    "WRONG-ANSWER": ["WA"],
    "NO-OUTPUT": ["WA"],
    "PRESENTATION-ERROR": ["WA"],
    "TIMELIMIT": ["TLE"],
    "TIME-LIMIT-EXCEEDED": ["TLE"],
    "RUN-ERROR": _CRASH,
    "RUN-TIME-ERROR": _CRASH,
    "MEMORY-LIMIT": _CRASH,
    "OUTPUT-LIMIT": _CRASH,
    "COMPILER-ERROR": ["CE"],
}
MAX_PATTERNS = 1000
_RULE_KEYS = ("permitted", "required", "use_for_time_limit")


def is_known(folder: str, *, legacy: bool) -> bool:
    return folder in (_LEGACY if legacy else _DATED)


def of_directory(folder: str, *, legacy: bool) -> JuryRule:
    """What that directory asks for; nothing if the format has no such directory."""
    return (_LEGACY if legacy else _DATED).get(folder, ANYTHING)


def annotated(rule: JuryRule, sources: Iterable[bytes]) -> JuryRule:
    """The rule as DOMjudge's `@EXPECTED_RESULTS@: A, B` in a source changes it: the outcome is one of those.

    The tests that don't decide the outcome may have any verdict that the directory lets pass.
    """
    found = next((match for source in sources if (match := _ANNOTATION.search(source))), None)
    words = [word.strip().upper().replace("_", "-") for word in found[1].decode().split(",")] if found else []
    if not words or any(word not in _ANNOTATED for word in words):
        return rule
    codes = [code for word in words for code in _ANNOTATED[word]]
    known = [] if rule is ANYTHING else rule.permitted
    permitted = list(dict.fromkeys(["AC", *known, *codes]))
    if codes == ["CE"]:
        permitted = ["CE"]
    bounds = rule.bounds if codes in (rule.required, ["AC"]) else ""
    return JuryRule(permitted, [] if "AC" in codes else codes, bounds=bounds)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of submissions.yaml: what paths below `submissions` it is for, and what it says of them.

    `narrow` are its rules for some of the tests only.
    """

    pattern: str
    fields: Fields
    narrow: list[JuryRule]
    _expression: re.Pattern[str]

    def matches(self, path: str) -> bool:
        return self._expression.fullmatch(path) is not None

    def rules(self, base: JuryRule) -> list[JuryRule]:
        """The rules it makes: for all tests, where it has one, then the narrow ones.

        `base` has what it leaves open. Raises PackageError.
        """
        whole = [_rule(self.fields, base, None)] if any(self.fields.has(key) for key in _RULE_KEYS) else []
        return whole + self.narrow


def entries(fields: Fields, tests: Sequence[tuple[int, str]]) -> list[Entry]:
    """Those of a whole submissions.yaml; `tests` are all tests' numbers and names. Raises PackageError."""
    found, left = [], MAX_PATTERNS
    for pattern in fields.names():
        inner, narrow = fields.map(pattern), []
        for key in inner.names():
            if key.split("/")[0] in {"sample", "secret"}:
                left -= _count(key)
                expression = _compiled(fields.where, key, left)
                numbers = [number for number, name in tests if expression.fullmatch(name)]
                narrow.append(_rule(inner.map(key), ANYTHING, numbers))
        left -= _count(pattern)
        found.append(Entry(pattern.strip("/"), inner, narrow, _compiled(fields.where, pattern.strip("/"), left)))
    return found


def _compiled(where: str, pattern: str, left: int) -> re.Pattern[str]:
    """Fits what the pattern names and all below it ("Glob patterns": `*` and braces).

    No pattern takes long, as a star that has found its place does not look for another.
    """
    if left < 0:
        raise PackageError(where, f"has more than {MAX_PATTERNS} patterns, each choice in braces counted")
    plain = "|".join(_expression(choice) for choice in _without_braces(pattern))
    return re.compile(rf"(?:{plain})(?:/.*)?")


def _expression(pattern: str) -> str:
    first, *others = (re.escape(part) for part in re.split(r"\*+", pattern))
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{part})" for part in others[:-1]) + f"[^/]*{others[-1]}"


def _without_braces(pattern: str) -> list[str]:
    """The patterns that one with `{a,b}` stands for."""
    return ["".join(chosen) for chosen in product(*_choices(pattern))]


def _count(pattern: str) -> int:
    return prod(len(choices) for choices in _choices(pattern))


def _choices(pattern: str) -> list[list[str]]:
    parts = re.split(r"\{([^{}]*)\}", pattern)
    return [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]


def _rule(fields: Fields, base: JuryRule, tests: list[int] | None) -> JuryRule:
    permitted = _verdicts(fields, "permitted") if fields.has("permitted") else base.permitted
    required = _verdicts(fields, "required") if fields.has("required") else base.required
    rule = JuryRule(permitted, [] if set(required) >= set(_ANY) else required, tests)
    return JuryRule(rule.permitted, rule.required, tests, _bounds(fields, rule))


def _bounds(fields: Fields, rule: JuryRule) -> str:
    """How it bounds the time limit ("Timelimit inference")."""
    wish = fields.raw("use_for_time_limit")
    if wish is False:
        return ""
    if wish in ("lower", "upper"):
        return str(wish)
    if wish not in (None, True):
        raise fields.error("use_for_time_limit", "must be true, false, lower or upper", wish)
    if rule.required == ["TLE"]:
        return "upper"
    return "" if "TLE" in rule.permitted else "lower"


def _verdicts(fields: Fields, key: str) -> list[str]:
    names = fields.texts(key)
    unknown = [name for name in names if name not in _CODES]
    if unknown or not names:
        raise PackageError(fields.where, f"{fields.inside}{key} must list some of AC, WA, TLE and RTE, not {unknown}")
    return [code for name in dict.fromkeys(names) for code in _CODES[name]]
