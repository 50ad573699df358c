"""Programs as HTML: marked, escaped, with nothing hidden in them, in time linear in their length."""

import re
import time
import unicodedata
from html import unescape

import pytest

from execution.highlighting import highlighted
from execution.languages import LANGUAGES
from execution.unseen import UNSEEN, revealed

HOSTILE = [
    "\n",
    "a ",
    "a\n",
    '"',
    "'''",
    '"""',
    "\\",
    "'\\",
    "/*",
    "/",
    "r#",
    'r#"',
    "`",
    "(",
    "0",
    "1_",
    "#",
    "a(",
    "{",
    "1'",
]
BYTES = 64 * 1024


def marks(language: str, text: str) -> dict[str, list[str]]:
    """The marked pieces, by class."""
    found: dict[str, list[str]] = {}
    for kind, piece in re.findall(r'<span class="([a-z])">([^<]*)</span>', highlighted(language, text)):
        found.setdefault(kind, []).append(unescape(piece))
    return found


def text_of(html: str) -> str:
    """As the copy button reads it (static/js/copy.js)."""
    known = re.sub(r'<span class="unseen" data-code="(\w+)">[^<]*', lambda code: chr(int(code[1], 16)), html)
    return unescape(re.sub(r"<[^>]*>", "", known))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_known(language: str) -> None:
    program = LANGUAGES[language].self_test
    assert "s" in marks(language, program) or "k" in marks(language, program) or "n" in marks(language, program)
    assert text_of(highlighted(language, program)) == program.removesuffix("\n")


@pytest.mark.parametrize(
    ("language", "program", "kind", "pieces"),
    [
        ("python3", "if x: # if", "k", ["if"]),
        ("python3", "if x: # if", "c", ["# if"]),
        ("python3", "x = f'a\\'b' + \"c\" + r'd'", "s", ["f'a\\'b'", '"c"', "r'd'"]),
        ("python3", "'''a\nb''' + 'open\nif", "s", ["'''a", "b'''", "'open"]),
        ("python3", "x1 = 0x1F + 1e-9 + .5 + y2", "n", ["0x1F", "1e-9", ".5"]),
        ("cpp", "#include <map>\nint a; // int", "k", ["#include", "int"]),
        ("cpp", "a = 1'000 /* 2\n3 */ + 4", "n", ["1'000", "4"]),
        ("cpp", "a = 1'000 /* 2\n3 */ + 4", "c", ["/* 2", "3 */"]),
        ("go", "s := `a\nb`; func f()", "s", ["`a", "b`"]),
        ("java", 'String s = """\n"a" """;', "s", ['"""', '"a" """']),
        ("javascript", "let s = `${x}`", "s", ["`${x}`"]),
        ("rust", "fn f<'a>(x: &'a str) { r#\"\"a\"#; '\\n'; 'b' }", "s", ['r#""a"#', "'\\n'", "'b'"]),
    ],
)
def test_pieces_are_marked(language: str, program: str, kind: str, pieces: list[str]) -> None:
    assert marks(language, program)[kind] == pieces


def test_nothing_of_it_is_html_and_lines_are_whole() -> None:
    html = highlighted("javascript", "a = '<b>&\n/* <i>\n</i> */\n\nif\n")
    assert set(re.findall(r"</?(\w+)", html)) == {"span"}
    lines = html.split("\n")
    assert len(lines) == 5
    assert all(
        line.count("<span") == line.count("</span>") and line.startswith('<span class="line">') for line in lines
    )


def test_an_unknown_language_is_shown_as_it_is() -> None:
    assert highlighted("cobol", "IF <A>") == '<span class="line">IF &lt;A&gt;</span>'


def test_windows_line_breaks_are_line_breaks() -> None:
    assert highlighted("python3", "# a\r\nif\r\n").count("\n") == 1
    assert "unseen" not in highlighted("python3", "# a\r\nif\r\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_keeps_it_busy(language: str) -> None:
    """What is quadratic takes minutes."""
    began = time.monotonic()
    for piece in HOSTILE:
        highlighted(language, (piece * BYTES)[:BYTES])
        highlighted(language, "'''" + (piece * BYTES)[:BYTES] + "\\")
    assert time.monotonic() - began < 30


def test_what_turns_the_direction_round_is_made_visible_and_copied_as_it_was() -> None:
    program = "a = '\u202e\u2066x' # \u200b\x1b"
    html = highlighted("python3", program)
    assert not UNSEEN.search(html)
    assert [f"U+{code}" in html for code in ("202E", "2066", "200B", "001B")] == [True] * 4
    assert text_of(html) == program


def test_all_that_unicode_calls_a_control_a_format_or_a_separator_is_unseen() -> None:
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zl", "Zp"} and chr(code) not in "\t\n":
            assert UNSEEN.match(chr(code)), hex(code)


def test_what_can_be_seen_stays() -> None:
    assert revealed("\tä \n漢字 𝒳 <&>\r\n") == "\tä \n漢字 𝒳 &lt;&amp;&gt;\n"
