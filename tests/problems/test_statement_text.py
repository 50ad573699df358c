"""Statements on their way into a page: Markdown, LaTeX, formulas."""

import re
from pathlib import Path
from unittest.mock import Mock

import pytest

from problems.package.errors import PackageError
from problems.statements import maths, pandoc
from tests.problems.building import legacy, read
from tests.problems.statement_html import Make, harm, html


class TestMarkdown:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
            ("# A\n\n## B", "<h2>A</h2>\n<h3>B</h3>"),
            ("## A\n\n### B", "<h2>A</h2>\n<h3>B</h3>"),
            ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
            ("7. a", '<ol start="7">\n<li>a</li>\n</ol>'),
            ("> a", "<blockquote>\n<p>a</p>\n</blockquote>"),
            ("```cpp\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
            ("a  \nb", "<p>a<br>\nb</p>"),
            ("costs \\$5", "<p>costs $5</p>"),
            ("&lt;b&gt; &amp; é 中 &#0;", "<p>&lt;b&gt; &amp; é 中 \ufffd</p>"),
        ],
    )
    def test_commonmark(self, markdown: Make, text: str, expected: str) -> None:
        assert html(markdown(text)) == expected

    def test_tables_keep_their_alignment(self, markdown: Make) -> None:
        text = html(markdown("| a | b |\n| :-: | --: |\n| 1 | `2|` |\n"))
        assert '<th align="center">a</th>\n<th align="right">b</th>' in text

    def test_footnotes_lead_there_and_back(self, markdown: Make) -> None:
        text = html(markdown("a[^n]\n\n[^n]: Note.\n"))
        assert 'href="#fn1" id="fnref1"' in text
        assert '<li id="fn1">' in text
        assert 'href="#fnref1"' in text

    def test_html_is_shown_as_text_and_told(self, markdown: Make) -> None:
        package = markdown('a<br>b <span class="x">c</span>')
        assert html(package) == '<p>a&lt;br&gt;b &lt;span class="x"&gt;c&lt;/span&gt;</p>'
        assert package.warnings == ["statement/problem.en.md: has HTML in it, which is shown as text: <br>"]

    def test_code_may_say_anything(self, markdown: Make) -> None:
        package = markdown('`<script>` and\n\n```\n<img onerror="x"> {{nextsample}}\n```\n')
        assert "&lt;script&gt;" in html(package)
        assert package.warnings == []

    @pytest.mark.parametrize("text", ["If $a<b$, only = 3.", "a < b on load = 3", "1 <x> 2, once=3"])
    def test_prose_that_looks_like_script_is_none(self, markdown: Make, text: str) -> None:
        assert markdown(text).warnings == []

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize(
        "text",
        [
            *("[" * 60_000, "![" * 30_000, "*a_ " * 15_000, "^[" * 30_000, "[^1]" * 50_000 + "\n\n[^1]: x"),
            *("|" + "a|" * 9_000 + "\n|" + "-|" * 9_000 + "\n" + "|a\n" * 9_000, "> " * 60_000 + "a"),
        ],
    )
    def test_no_text_takes_long(self, markdown: Make, text: str) -> None:
        try:
            assert harm(html(markdown(text))) == []
        except PackageError as error:
            assert "million characters" in str(error)  # noqa: PT017 - refused, or done with


class TestLatex:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (r"\textbf{a} \textit{b} \texttt{c} \t{d} \sout{e}", "<code>c</code> <code>d</code> <del>e</del>"),
            (r"{\bf a} {\it b} {\tt c}", "<strong>a</strong>"),
            (r"\begin{Input} a \end{Input} \begin{Output} b \end{Output}", "<h2>Input</h2>\n<p>a</p>\n<h2>Output</h2>"),
            (r"\section*{Interaction} a", "<h2>Interaction</h2>\n<p>a</p>"),
            ("``a'' -- b --- c~d \\ldots", "“a” – b — c&nbsp;d …"),
            (r"\begin{itemize} \item a \item b \end{itemize}", "<ul>\n<li><p>a</p></li>\n<li><p>b</p></li>\n</ul>"),
            (r"\begin{center} a \end{center}", '<div class="center">\n<p>a</p>\n</div>'),
            ("\\begin{verbatim}\na < b\n\\end{verbatim}", "<pre><code>a &lt; b</code></pre>"),
            ("\\begin{lstlisting}\na < b\n\\end{lstlisting}", "<pre><code>a &lt; b</code></pre>"),
            (r"\begin{tabular}{|l|r|}\hline a & b \\ \cline{1-2} c & d\end{tabular}", '<td align="right">b</td>'),
            (r"\begin{tabular}{ll}\multicolumn{2}{c}{x}\\ a & b\end{tabular}", '<td colspan="2" align="center">x</td>'),
            (r"\epigraph{To be}{Hamlet}", '<div class="epigraph">\n<p>To be</p>\n<p>Hamlet</p>\n</div>'),
            (r"\newcommand{\maxn}{20\,000} $\maxn$", 'data-tex="20\\,000"'),
            (r"a\footnote{Note.}", '<li id="fn1"><p>Note.'),
            (r"\url{https://x.org/?a=1&b=2}", 'href="https://x.org/?a=1&amp;b=2"'),
            (r"\fbox{a} \makebox[2cm]{b} \resizebox{1cm}{!}{c} \scalebox{.5}{d} \raisebox{1pt}{e}", "<p>a b c d e</p>"),
            (r"\textsc{a} \underline{b} \"o \c{c} \ss", '<span class="smallcaps">a</span> <u>b</u> ö ç ß'),
            (r"\documentclass{article}\begin{document}a\end{document}", "<p>a</p>"),
        ],
    )
    def test_what_the_format_asks_for(self, latex: Make, text: str, expected: str) -> None:
        package = latex(text)
        assert expected in html(package)
        assert package.warnings == []

    def test_names_and_looks_are_not_part_of_the_text(self, latex: Make) -> None:
        package = latex("\\problemname{Next}\n\\noindent\\centering\\vspace{1cm} \\small a \\hfill b\n")
        assert html(package) == "<p>a b</p>"
        assert package.warnings == []

    def test_what_pandoc_leaves_out_is_told(self, latex: Make) -> None:
        package = latex("a \\todo{more} \\degree b")
        assert package.warnings == [
            "problem_statement/problem.tex: has LaTeX that is not known and is not shown (2): \\todo{more}, \\degree "
        ]

    def test_drawings_of_its_own_are_told(self, latex: Make) -> None:
        package = latex("a \\begin{tikzpicture}\\draw (0,0);\\end{tikzpicture}")
        assert "tikzpicture" in package.warnings[0]

    @pytest.mark.parametrize("text", ["{ a", "$ a", "\\begin{itemize} \\item a", "\\newcommand{\\x}{\\x\\x} \\x"])
    def test_what_cannot_be_converted_is_shown_as_its_source_and_told(self, latex: Make, text: str) -> None:
        package = latex(text)
        assert html(package) == f"<pre>{text}</pre>"
        assert "could not be converted" in package.warnings[0]
        assert "problemname" not in package.warnings[0], "our own macros are nobody's business"

    @pytest.mark.parametrize(
        "text",
        [
            *("\\input{/etc/passwd}", "\\include{/etc/passwd}", "\\verbatiminput{/etc/passwd}"),
            *("\\lstinputlisting{/etc/passwd}", "\\usepackage{/etc/passwd}", "\\csvautotabular{/etc/passwd}"),
            *("\\write18{cat /etc/passwd}", "\\immediate\\write18{id}", "\\openin5=/etc/passwd \\read5 to \\x \\x"),
            *(
                "\\includegraphics{/etc/passwd}",
                "\\includegraphics{../../../../etc/passwd}",
                "\\bibliography{/etc/passwd}",
            ),
        ],
    )
    def test_it_reads_and_runs_nothing(self, latex: Make, text: str) -> None:
        package = latex(f"start {text} end")
        assert "root:" not in html(package)
        assert "uid=" not in html(package)
        assert package.assets == []

    @pytest.mark.timeout(60)
    def test_macros_without_end_are_stopped(self, latex: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pandoc, "TIMEOUT_SECONDS", 2.0)
        words = "".join(
            f"\\newcommand{{\\{name * 3}}}{{{f'{{}}{chr(92)}{below * 3}' * 10}}}"
            for below, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
        )
        with pytest.raises(PackageError, match=r"problem_statement/problem\.tex: (takes|needs) more than"):
            latex(f"\\newcommand{{\\aaa}}{{xxxxxxxxxx}}{words}\\lll")

    @pytest.mark.timeout(60)
    def test_the_first_that_is_stopped_ends_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        convert = Mock(side_effect=pandoc.PandocStopped("takes more than 10 seconds to be converted"))
        monkeypatch.setattr(pandoc, "convert", convert)
        files = legacy() | {f"problem_statement/problem.{code}.tex": code for code in ("de", "fr", "pl")}
        with pytest.raises(PackageError, match="takes more than 10 seconds"):
            read(files, tmp_path / "next")
        assert convert.call_count == 1

    def test_its_output_is_bounded(self, latex: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pandoc, "MAX_OUTPUT_BYTES", 1000)
        with pytest.raises(PackageError, match=r"problem\.tex: becomes more than"):
            latex("a" * 2000)


class TestFormulas:
    @pytest.mark.parametrize(
        ("tex", "plain"),
        [
            (r"n \le 10^5", "<em>n</em>\u2004≤\u200410<sup>5</sup>"),
            (r"a_1, \ldots, a_n", "<em>a</em><sub>1</sub>,\u2006…,\u2006<em>a</em><sub><em>n</em></sub>"),
            (r"\frac{a}{b}", r"\frac{a}{b}"),
            ("a<b", "<em>a</em>\u2004&lt;\u2004<em>b</em>"),
            (r"\text{</span><b>}", "&lt;/span&gt;&lt;b&gt;"),
            (r"\unknown", r"\unknown"),
        ],
    )
    def test_they_read_well_without_scripts(self, tex: str, plain: str) -> None:
        attribute = tex.replace("<", "&lt;").replace(">", "&gt;")
        expected = f'<span class="math inline" data-tex="{attribute}">{plain}</span>'
        assert _spaced(maths.readable(maths.span(tex, display=False))) == _spaced(expected)

    @pytest.mark.parametrize("text", ["$x$", r"\(x\)"])
    def test_latex_inline(self, latex: Make, text: str) -> None:
        assert html(latex(text)) == '<p><span class="math inline" data-tex="x"><em>x</em></span></p>'

    @pytest.mark.parametrize("text", ["$$x$$", r"\[x\]"])
    def test_latex_display(self, latex: Make, text: str) -> None:
        assert '<span class="math display" data-tex="x">' in html(latex(text))

    @pytest.mark.parametrize(
        ("text", "kind"), [("$x$", "inline"), ("$ x $", "inline"), ("$$x$$", "display"), ("a $$x$$ b", "display")]
    )
    def test_markdown(self, markdown: Make, text: str, kind: str) -> None:
        assert f'<span class="math {kind}" data-tex="x"><em>x</em></span>' in html(markdown(text))

    @pytest.mark.parametrize(
        "tex",
        [
            *(r'"onmouseover="alert(1)', r"</span><script>", r"\href{javascript:alert(1)}{x}", "<img src=x onerror=a>"),
            *(r"\htmlData{x=y}{z}", "&quot;&lt;", r"\]</span>", "<!--", "\\(x\\)"),
        ],
    )
    def test_nothing_gets_out_of_them(self, markdown: Make, tex: str) -> None:
        try:
            text = html(markdown(f"a ${tex}$ b"))
        except PackageError as error:
            assert "script" in str(error)  # noqa: PT017 - either is right: refused, or harmless
        else:
            assert harm(text) == []
            assert text.startswith("<p>a ")
            assert text.endswith(" b</p>")

    def test_many_cost_one_run(self, markdown: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        convert = Mock(side_effect=pandoc.convert)
        monkeypatch.setattr(pandoc, "convert", convert)
        assert html(markdown(" ".join(f"$x_{{{number}}}$" for number in range(500)))).count("data-tex") == 500
        assert convert.call_count == 1

    @pytest.mark.timeout(60)
    def test_one_that_costs_too_much_is_refused(self, markdown: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pandoc, "TIMEOUT_SECONDS", 1.0)
        with pytest.raises(PackageError, match=r"statement/problem\.en\.md: takes more than 1 seconds"):
            markdown(f"${'x_{' * 40}y{'}' * 40}$")


def _spaced(text: str) -> str:
    """Widths of spaces are a matter of taste."""
    return re.sub(r"[\u2000-\u200a\u202f]", " ", text)
