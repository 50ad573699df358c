"""Programs as HTML, line by line, with their keywords, strings, numbers and comments marked.

Pygments' lexers take time quadratic in the length of some texts, and whoever submits chooses the text: 64 KiB of line
breaks keep those of C and Java busy for minutes. Here every text takes time linear in its length, since each pattern,
once it has begun, matches: a string that isn't closed ends with its line or with the text.
"""

import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from execution.unseen import revealed

# Nothing follows what is repeated here, so nothing is tried twice, and no quantifier need be possessive: Python 3.11.2,
# which is Debian's, gets those of groups wrong.
_LINE_COMMENT = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
_QUOTED = r'"(?:[^"\\\n]|\\.)*"?'
_CHARACTER = r"'(?:[^'\\\n]|\\.)*'?"
_NUMBER = r"\.?\d(?:[.\w]|(?<=[eEpP])[+-])*"
_NUMBER_IN_C = r"\.?\d(?:'?\w|\.|(?<=[eEpP])[+-])*"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Grammar:
    """What of a language is marked: patterns, and the words that are keywords."""

    keywords: frozenset[str]
    comment: str = _LINE_COMMENT
    string: str = f"{_QUOTED}|{_CHARACTER}"
    number: str = _NUMBER
    keyword: str = "(?!)"  # those that aren't words

    @property
    def pattern(self) -> re.Pattern[str]:
        groups = {"c": self.comment, "s": self.string, "n": self.number, "k": self.keyword, "word": r"[^\W\d]\w*"}
        return re.compile("|".join(f"(?P<{name}>{part})" for name, part in groups.items()), re.DOTALL)


_PYTHON = Grammar(
    keywords=frozenset(keyword.kwlist) | _words("match case"),
    comment=r"#[^\n]*",
    string=rf"[bBfFrRuU]{{0,2}}(?:'''(?:[^\\]|\\.?)*?(?:'''|\Z)|\"\"\"(?:[^\\]|\\.?)*?(?:\"\"\"|\Z)|{_QUOTED}|{_CHARACTER})",
)
_C_WORDS = _words(
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register return short signed sizeof static struct switch typedef union unsigned void volatile while bool true "
    "false NULL"
)
_CPP_WORDS = _C_WORDS | _words(
    "class concept consteval constexpr const_cast decltype delete dynamic_cast explicit export friend mutable "
    "namespace new noexcept nullptr operator override private protected public reinterpret_cast requires "
    "static_assert static_cast template this throw try catch typename using virtual co_await co_return co_yield"
)
_DIRECTIVE = r"#[ \t]*\w*"
_GRAMMARS = {
    "python3": _PYTHON,
    "pypy3": _PYTHON,
    "c": Grammar(_C_WORDS, number=_NUMBER_IN_C, keyword=_DIRECTIVE),
    "cpp": Grammar(_CPP_WORDS, number=_NUMBER_IN_C, keyword=_DIRECTIVE),
    "go": Grammar(
        _words(
            "break case chan const continue default defer else fallthrough for func go goto if import interface map "
            "package range return select struct switch type var true false nil iota"
        ),
        string=rf"{_QUOTED}|{_CHARACTER}|`[^`]*`?",
    ),
    "java": Grammar(
        _words(
            "abstract assert boolean break byte case catch char class continue default do double else enum extends "
            "final finally float for if implements import instanceof int interface long native new package private "
            "protected public record return sealed short static super switch synchronized this throw throws "
            "transient try var void volatile while yield true false null"
        ),
        string=rf'"""(?:[^\\]|\\.?)*?(?:"""|\Z)|{_QUOTED}|{_CHARACTER}',
    ),
    "javascript": Grammar(
        _words(
            "async await break case catch class const continue debugger default delete do else export extends "
            "finally for from function if import in instanceof let new of return static super switch this throw "
            "try typeof var void while with yield true false null undefined"
        ),
        string=rf"{_QUOTED}|{_CHARACTER}|`(?:[^`\\]|\\.)*`?",
    ),
    "rust": Grammar(
        _words(
            "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match "
            "mod move mut pub ref return self Self static struct super trait true type unsafe use where while"
        ),
        # A quote that no character follows begins a lifetime.
        string=rf"b?r(?P<hashes>#{{0,9}})\".*?(?:\"(?P=hashes)|\Z)|b?{_QUOTED}|b?'(?:\\[^\n]{{1,9}}?|[^'\\\n])'",
    ),
}
_PATTERNS = {language: (grammar.pattern, grammar.keywords) for language, grammar in _GRAMMARS.items()}


def highlighted(language: str, text: str) -> str:
    """The program as HTML: an element for every line. In a language that isn't known nothing is marked."""
    pieces = _pieces(language, text.replace("\r\n", "\n"))
    lines = "".join(_marked(kind, piece) for kind, piece in pieces).removesuffix("\n").split("\n")
    return "\n".join(f'<span class="line">{line}</span>' for line in lines)


def _marked(kind: str, piece: str) -> str:
    """As HTML in which no element goes beyond its line."""
    html = revealed(piece)
    return "\n".join(f'<span class="{kind}">{line}</span>' for line in html.split("\n")) if kind else html


def _pieces(language: str, text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with its class: "" for most."""
    pattern, keywords = _PATTERNS.get(language, (None, frozenset[str]()))
    end = 0
    for match in pattern.finditer(text) if pattern else ():
        kind = match.lastgroup or ""
        if kind == "word":
            if match[0] not in keywords:
                continue
            kind = "k"
        yield "", text[end : match.start()]
        yield kind, match[0]
        end = match.end()
    yield "", text[end:]
