"""What is expected of a tagged submission: by its directory, by an annotation in it, by submissions.yaml.

The format's RTE stands for our RE, MLE and OLE: it knows no others for programs that were stopped or crashed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

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
    """One entry of submissions.yaml: a pattern of paths below `submissions`, and what it says of them."""

    pattern: str
    fields: Fields

    def matches(self, path: str) -> bool:
        return matches(self.pattern, path)

    def rules(self, base: JuryRule, tests: Sequence[tuple[int, str]]) -> list[JuryRule]:
        """The rules it makes: for all tests, where it has one, then for some of them.

        `base` has what it leaves open; `tests` are all tests' numbers and names. Raises PackageError.
        """
        rules = [_rule(self.fields, base, None)] if any(self.fields.has(key) for key in _RULE_KEYS) else []
        for key in self.fields.names():
            if key.split("/")[0] in {"sample", "secret"}:
                numbers = [number for number, name in tests if matches(key, name)]
                rules.append(_rule(self.fields.map(key), ANYTHING, numbers))
        return rules


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern fits the path or a directory above it ("Glob patterns": `*` and braces)."""
    expressions = [re.compile(_expression(plain)) for plain in _without_braces(pattern)]
    parts = path.split("/")
    prefixes = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(expression.fullmatch(prefix) for expression in expressions for prefix in prefixes)


def _expression(pattern: str) -> str:
    return "[^/]*".join(re.escape(part) for part in re.split(r"\*+", pattern))


def _without_braces(pattern: str) -> list[str]:
    """The patterns that one with `{a,b}` stands for; a hundred at most."""
    parts = re.split(r"\{([^{}]*)\}", pattern)
    choices = [part.split(",") if index % 2 else [part] for index, part in enumerate(parts)]
    return ["".join(chosen) for chosen, _ in zip(product(*choices), range(100), strict=False)]


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
