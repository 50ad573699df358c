"""LaTeX, as the Kattis class understands it, to HTML by pandoc.

Pandoc reads macros, so the class's commands are macros here too. They stand on one line before the text, so that
the lines in pandoc's complaints are those of the text.
"""

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import NamedTuple

from problems.statements import pandoc

_CLASS = " ".join(
    [
        r"\newcommand{\problemname}[1]{\begin{titlebox}#1\end{titlebox}}",
        r"\newcommand{\illustration}[3]{\begin{illustration*}\includegraphics{#2}\par #3\end{illustration*}}",
        r"\newenvironment{Input}{\section*{Input}}{}",
        r"\newenvironment{Output}{\section*{Output}}{}",
        r"\newenvironment{Interaction}{\section*{Interaction}}{}",
        r"\newcommand{\nextsample}{\begin{samplebox}\{\{nextsample\}\}\end{samplebox}}",
        r"\newcommand{\remainingsamples}{\begin{samplebox}\{\{remainingsamples\}\}\end{samplebox}}",
        r"\newcommand{\cline}[1]{}",
        r"\renewcommand{\t}[1]{\texttt{#1}}",
        r"\newcommand{\problemyamlname}{}",
        # Boxes of which pandoc knows nothing, so that it would leave out what is in them.
        r"\newcommand{\fbox}[1]{#1} \newcommand{\makebox}[2][]{#2} \newcommand{\raisebox}[2]{#2}",
        r"\newcommand{\resizebox}[3]{#3} \newcommand{\scalebox}[2]{#2} \newcommand{\captionof}[2]{#2}",
        r"\newcommand{\path}[1]{\texttt{#1}} \newcommand{\textbar}{|}",
    ]
)
_CONSTANT = re.compile(r"\\constant\s*\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}")
_WRAPFIGURE = re.compile(r"\\begin\{wrapfigure\}(?:\[[^]]*\])?\s*\{[^{}]*\}\s*(?:\[[^]]*\])?\s*\{[^{}]*\}")
_PLAIN_NAME = re.compile(r"^\s*%+\s*plainproblemname:(.*)$", re.MULTILINE)
_TITLE = re.compile(r'<div class="titlebox">(.*?)</div>\s*', re.DOTALL)
_ILLUSTRATION = re.compile(r'<div class="illustration\*">\s*<p>(<img [^>]*>)</p>(.*?)</div>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
# Commands about looks only. Of environments that pandoc doesn't know, it keeps what is in them.
_LOOKS = re.compile(
    r"\\(?:[^a-zA-Z]|(?:begin|begingroup|bgroup|bigskip|bottomrule|centering|clearpage|definecolor|displaystyle|egroup|"
    r"end|endgroup|enspace|fontsize|footnotesize|hfill|hline|hspace|huge|Huge|large|Large|LARGE|leavevmode|lstset|"
    r"medskip|midrule|newpage|noindent|normalsize|pagebreak|pagestyle|par|phantom|protect|quad|qquad|raggedright|relax|"
    r"scriptsize|selectfont|setlength|sf|sisetup|small|smallskip|strut|textheight|textwidth|tiny|toprule|vfill|vphantom|"
    r"vspace)(?![a-zA-Z]))"
)


class Page(NamedTuple):
    """A text as HTML, the title it gives itself ("" if none), and the commands in it that were left out."""

    html: str
    title: str
    skipped: list[str]


def to_html(text: str, constants: Mapping[str, str]) -> Page:
    """Raises PandocRefused and PandocStopped."""
    source = _CONSTANT.sub(lambda match: constants.get(match[1], match[0]), text)
    source = _WRAPFIGURE.sub(r"\\begin{figure}", source).replace(r"\end{wrapfigure}", r"\end{figure}")
    html, skipped = pandoc.convert(f"{_CLASS} {source}", "latex", "--mathjax", "--syntax-highlighting=none")
    title = _title(text, html)
    html = _TITLE.sub("", html)
    html = _ILLUSTRATION.sub(r'<figure class="illustration">\1<figcaption>\2</figcaption></figure>', html)
    return Page(html, title, [words for words in skipped if not _LOOKS.match(words)])


def _title(text: str, html: str) -> str:
    if plain := _PLAIN_NAME.search(text):
        return plain[1].strip()
    found = _TITLE.search(html)
    words = unescape(_TAG.sub("", found[1])) if found else ""
    return " ".join(re.sub(r"\\[()\[\]]", "", words).split())


def as_source(text: str) -> str:
    """The text itself as HTML, for what can't be converted."""
    return f"<pre>{escape(text)}</pre>"
