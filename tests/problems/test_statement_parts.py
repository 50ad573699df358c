"""What stands in statements beside text: samples, pictures, links, PDFs; and the allow-list that all must pass."""

import re
from pathlib import Path

import pytest

from problems.content import Asset, Statement
from problems.package import statements
from problems.package.errors import PackageError
from problems.statements import sanitizer
from tests.problems.building import dated, legacy, read, without
from tests.problems.statement_html import Make, harm, html

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


class TestSamples:
    def test_they_are_put_where_asked_for(self, markdown: Make) -> None:
        package = markdown("a\n\n{{nextsample}}\n\nb\n\n{{remainingsamples}}\n")
        assert html(package) == (
            '<p>a</p>\n<div class="sample"><figure><figcaption>Sample input 1</figcaption><pre>1\n</pre></figure>'
            "<figure><figcaption>Sample output 1</figcaption><pre>2\n</pre></figure></div>\n<p>b</p>"
        )
        assert package.statements[0].inline_samples == [1]

    def test_latex_asks_by_commands(self, tmp_path: Path) -> None:
        files = legacy() | {"data/sample/2.in": "<5>\n", "data/sample/2.ans": "6\n"}
        files["problem_statement/problem.tex"] = "a \\nextsample b\n\n\\remainingsamples\n"
        statement = read(files, tmp_path / "next").statements[0]
        assert statement.inline_samples == [1, 2]
        assert "<pre>&lt;5&gt;\n</pre>" in statement.html
        assert statement.html.index("<p>a</p>") < statement.html.index("input 1") < statement.html.index("<p>b</p>")

    def test_what_is_shown_may_differ_from_what_is_judged(self, tmp_path: Path) -> None:
        files = dated() | {"data/sample/1.ans.statement": "either 2\n", "statement/problem.en.md": "{{nextsample}}"}
        assert "<pre>either 2\n</pre>" in html(read(files, tmp_path / "next"))

    def test_long_ones_are_cut(self, tmp_path: Path) -> None:
        files = dated() | {"data/sample/1.in": "é" * 40_000, "statement/problem.en.md": "{{nextsample}}"}
        text = html(read(files, tmp_path / "next"))
        assert text.count("é") == 32 * 1024
        assert "é…\n</pre>" in text

    def test_secret_ones_are_never_shown(self, markdown: Make) -> None:
        package = markdown("{{remainingsamples}}")
        assert "41" not in html(package)
        assert "42" not in html(package)

    def test_one_in_the_midst_of_a_sentence_is_told(self, markdown: Make) -> None:
        assert "must be a paragraph of its own" in markdown("a {{nextsample}} b").warnings[0]


class TestPicturesAndLinks:
    def test_a_picture_becomes_an_asset(self, markdown: Make) -> None:
        package = markdown("![A *map*](map.png)\n\n![](map.png)", map_png=PNG)
        assert (
            html(package) == '<p><img src="assets/map.png" alt="A map"></p>\n<p><img src="assets/map.png" alt=""></p>'
        )
        assert [(asset.name, asset.content_type) for asset in package.assets] == [("map.png", "image/png")]
        assert package.blobs.head(package.assets[0].blob, 99) == PNG

    @pytest.mark.parametrize("text", [r"\includegraphics{map}", r"\includegraphics[width=5cm]{map.svg}"])
    def test_latex_leaves_endings_away(self, latex: Make, text: str) -> None:
        assert 'src="assets/map.svg"' in html(latex(text, map_svg=SVG))

    def test_an_illustration_is_a_figure(self, latex: Make) -> None:
        text = html(latex(r"\illustration{0.3}{map.svg}{A map by \href{https://x.org}{X}.}", map_svg=SVG))
        assert text.startswith('<figure class="illustration"><img src="assets/map.svg" alt=""><figcaption>')
        assert 'A map by <a href="https://x.org" rel="noopener noreferrer nofollow">X</a>.' in text

    def test_a_width_that_is_a_share_is_kept(self, latex: Make) -> None:
        assert 'width="50%"' in html(latex(r"\includegraphics[width=0.5\textwidth]{map.svg}", map_svg=SVG))

    def test_a_pdf_figure_is_a_link(self, latex: Make) -> None:
        package = latex(r"\includegraphics{map}", map_pdf=b"%PDF-1.5 x")
        assert 'href="assets/map.pdf"' in html(package)
        assert package.assets[0].content_type == "application/pdf"

    def test_what_it_is_is_told_by_content_not_by_name(self, markdown: Make) -> None:
        package = markdown("![](map.jpg)", map_jpg=b"GIF89a" + b"x" * 9)
        assert package.assets[0].content_type == "image/gif"

    def test_equal_names_of_different_pictures(self, tmp_path: Path) -> None:
        files = dated() | {f"statement/{folder}/map.png": PNG + folder.encode() for folder in "abc"}
        files["statement/problem.en.md"] = "![](a/map.png) ![](./b/../b/map.png) ![](c/map.png) ![](a/map.png)"
        package = read(files, tmp_path / "next")
        assert re.findall(r'src="([^"]*)"', html(package)) == [
            *("assets/map.png", "assets/2-map.png", "assets/3-map.png", "assets/map.png")
        ]

    @pytest.mark.parametrize(
        "address",
        [
            *("gone.png", "https://x.org/a.png", "//x.org/a.png", "../problem.yaml", "/etc/passwd", "http://[", ""),
            *("data:image/png;base64,x", "../data/secret/1.in", "%2e%2e/problem.yaml", "problem.en.md%00.png"),
        ],
    )
    def test_other_pictures_are_not_shown_and_that_is_told(self, markdown: Make, address: str) -> None:
        package = markdown(f"![what](<{address}>)")
        assert html(package) == "<p><em>what</em></p>"
        assert package.assets == []
        assert "is not in the package" in package.warnings[0]

    def test_links_to_figures_lead_there(self, markdown: Make) -> None:
        package = markdown("[map](map.png)", map_png=PNG)
        assert 'href="assets/map.png"' in html(package)

    @pytest.mark.parametrize("address", ["https://x.org/a?b=c#d", "http://x.org", "mailto:a@x.org", "HTTPS://X.org"])
    def test_links_away_are_kept(self, markdown: Make, address: str) -> None:
        assert f'<a href="{address}" rel="noopener noreferrer nofollow">' in html(markdown(f"[x]({address})"))

    @pytest.mark.parametrize(
        "address",
        [
            *("/admin/", "//x.org", "assets/../../../admin/", "assets/x", "../x", "x.png", "ftp://x.org", "?a=b"),
            *("http://[", "\\\\x.org", "vnd:x", "file:///etc/passwd"),
        ],
    )
    def test_other_links_are_taken_out(self, latex: Make, address: str) -> None:
        package = latex(f"\\href{{{address}}}{{x}}")
        assert "href" not in html(package)
        assert "leads nowhere" in package.warnings[0]

    @pytest.mark.parametrize("address", ["#", "#top", "#id_password"])
    def test_links_within_the_page_are_none(self, markdown: Make, address: str) -> None:
        assert "href" not in html(markdown(f"[x]({address})"))


class TestPdf:
    def test_it_is_kept_as_it_is(self, tmp_path: Path) -> None:
        content = b"%PDF-1.7 \xff"
        files = without(dated(), "statement/problem.en.md") | {"statement/problem.de.pdf": content}
        package = read(files, tmp_path / "next")
        statement = package.statements[0]
        assert (statement.language, statement.html) == ("de", "")
        assert package.blobs.head(statement.pdf, 99) == content
        assert package.assets == [Asset("problem.de.pdf", statement.pdf, "application/pdf")]

    def test_beside_a_text_it_is_offered_too(self, tmp_path: Path) -> None:
        files = dated() | {"statement/problem.en.pdf": b"%PDF-1.7", "statement/problem.en.tex": "other"}
        statement = read(files, tmp_path / "next").statements[0]
        assert statement.html == "<p>Print the next number.</p>"
        assert statement.pdf != ""

    def test_domjudge_has_it_beside_the_metadata(self, tmp_path: Path) -> None:
        files = without(legacy(), "problem_statement/problem.tex") | {"problem.pdf": b"%PDF-1.4"}
        assert read(files, tmp_path / "next").statements[0].pdf != ""


class TestLanguages:
    def test_all_are_kept_english_first(self, tmp_path: Path) -> None:
        files = dated() | {f"statement/problem.{code}.md": code for code in ("zh", "de", "pt-BR", "fil")}
        found = read(files, tmp_path / "next").statements
        assert [statement.language for statement in found] == ["en", "de", "fil", "pt-BR", "zh"]

    def test_none_is_english(self, tmp_path: Path) -> None:
        assert read(legacy(), tmp_path / "next").statements[0].language == "en"

    def test_more_than_anybody_needs_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(statements, "MAX_STATEMENTS", 1)
        with pytest.raises(PackageError, match="statement: has statements in more than 1 languages"):
            read(dated() | {"statement/problem.de.md": "a"}, tmp_path / "next")


class TestAttachments:
    def test_they_are_offered_with_their_paths(self, tmp_path: Path) -> None:
        files = dated() | {"attachments/lib/a.py": "x", "attachments/b.zip": b"PK"}
        found = {asset.name: asset for asset in read(files, tmp_path / "next").assets}
        assert set(found) == {"attachments/lib/a.py", "attachments/b.zip"}
        assert all(asset.is_attachment for asset in found.values())


class TestSanitizer:
    """The last step lets pass only what it knows, whatever came before."""

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "<script>alert(1)</script>",
                "<img src=x onerror=alert(1)>",
                "<svg onload=alert(1)>",
                "<math><mi/></math>",
            ),
            *("<a href='javascript:alert(1)'>x</a>", "<a href='/admin/'>x</a>", "<a href='assets/../x'>x</a>"),
            *(
                "<img src='https://x.org/a.png'>",
                "<img src='assets/..%2f'><iframe src=x>",
                "<form><input name=a></form>",
            ),
            *(
                "<p style='position:fixed'>x</p>",
                "<style>*{}</style>",
                "<base href=//x.org>",
                "<meta http-equiv=refresh>",
            ),
            *("<div class='alert' id='submit'>x</div>", "<noscript><p title='</noscript><img src=x onerror=a>'>"),
            *("<a href='java\nscript:alert(1)'>x</a>", "<a href='&#106;avascript:x'>x</a>", "<button>x</button>"),
            "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        ],
    )
    def test_harm_is_taken_out(self, text: str) -> None:
        cleaned = sanitizer.clean(text)
        assert harm(cleaned.replace("assets/..%2f", "assets/x")) == []
        assert "alert(1)" not in re.sub(r"title=\"[^\"]*\"", "", cleaned)

    def test_only_known_classes_and_ids_stay(self) -> None:
        text = '<div class="sample alert"><span class="math inline btn" id="login" data-tex="x">x</span></div>'
        assert sanitizer.clean(text) == ('<div class="sample"><span class="math inline" data-tex="x">x</span></div>')

    def test_a_statement_that_becomes_too_long_is_refused(
        self, markdown: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("problems.statements.markup.MAX_CHARACTERS", 100)
        with pytest.raises(PackageError, match=r"statement/problem\.en\.md: becomes more than"):
            markdown("a" * 200)


def test_a_statement_has_text_or_a_pdf(tmp_path: Path) -> None:
    for name, files in (("a", legacy()), ("b", dated())):
        (statement,) = read(files, tmp_path / name).statements
        assert statement == Statement("en", "Next", "<p>Print the next number.</p>", "", [])
