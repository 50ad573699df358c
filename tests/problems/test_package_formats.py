"""What problem.yaml and the files beside it say, in each version of the format."""

from pathlib import Path

import pytest

from problems.content import Credits, Timing
from problems.package.metadata import DATED, LEGACY
from problems.package.reader import Package
from tests.problems.building import Files, dated, legacy, read, without

NO_LIMIT = without(legacy(), ".timelimit")


def about(text: str, tmp_path: Path, files: Files | None = None) -> Package:
    """A package with the lines `text` in problem.yaml beside a name."""
    return read((files or legacy()) | {"problem.yaml": f"name: Next\n{text}\n"}, tmp_path / "next")


class TestVersions:
    @pytest.mark.parametrize("version", LEGACY)
    def test_legacy_ones(self, tmp_path: Path, version: str) -> None:
        package = about(f"problem_format_version: {version}", tmp_path)
        assert package.package_format == version
        assert package.warnings == []
        assert package.limits.time_ms == 1500
        assert [test.name for test in package.tests] == ["sample/1", "secret/1"]
        assert package.statements[0].html == "<p>Print the next number.</p>"

    @pytest.mark.parametrize("version", DATED)
    def test_dated_ones(self, tmp_path: Path, version: str) -> None:
        package = about(f"problem_format_version: {version}\nlimits: {{time_limit: 2}}", tmp_path, dated())
        assert package.package_format == version
        assert package.warnings == []
        assert package.limits.time_ms == 2000
        assert [test.name for test in package.tests] == ["sample/1", "secret/1"]
        assert package.statements[0].html == "<p>Print the next number.</p>"

    def test_none_is_legacy(self, tmp_path: Path) -> None:
        assert about("", tmp_path).package_format == "legacy"

    @pytest.mark.parametrize("folder", ["statement", "problem_statement"])
    def test_statements_may_stand_in_the_other_versions_directory(self, tmp_path: Path, folder: str) -> None:
        files = without(dated(), "statement/problem.en.md") | {f"{folder}/problem.en.md": "Text\n"}
        assert read(files, tmp_path / "next").statements[0].html == "<p>Text</p>"

    def test_dated_ones_pass_over_odd_names_and_say_so(self, tmp_path: Path) -> None:
        files = dated() | {"data/secret/2 (copy).in": "1\n", "data/secret/-2.in": "1\n", "größe.txt": ""}
        package = read(files, tmp_path / "next")
        assert len(package.tests) == 2
        assert [warning.split(": ")[0] for warning in package.warnings] == [
            "data/secret/-2.in",
            "data/secret/2 (copy).in",
            "größe.txt",
        ]

    def test_legacy_ones_judge_tests_of_any_name(self, tmp_path: Path) -> None:
        files = legacy() | {"data/secret/größe (2).in": "1\n", "data/secret/größe (2).ans": "2\n"}
        assert read(files, tmp_path / "next").tests[-1].name == "secret/größe (2)"

    def test_many_odd_names_make_few_notes(self, tmp_path: Path) -> None:
        package = read(dated() | {f"notes/{number} .txt": "" for number in range(500)}, tmp_path / "next")
        assert len(package.warnings) == 21
        assert "480 in all" in package.warnings[-1]

    @pytest.mark.parametrize(
        "litter",
        [
            *("__MACOSX/._x", ".DS_Store", "data/secret/.1.in.swp", ".git/config", "data/secret/1.in~"),
            *("data/Thumbs.db", "submissions/accepted/.idea/x.py", "submissions/__MACOSX/._next.py"),
        ],
    )
    def test_litter_is_not_even_told(self, tmp_path: Path, litter: str) -> None:
        package = read(legacy() | {litter: b"\xff"}, tmp_path / "next")
        assert package.warnings == []
        assert len(package.jury) == 1

    def test_keys_that_nobody_knows_are_told(self, tmp_path: Path) -> None:
        package = about("colour: red\nlimits: {speed: 3}", tmp_path)
        assert package.warnings == [
            "problem.yaml: colour is not known and was passed over",
            "problem.yaml: limits.speed is not known and was passed over",
        ]

    def test_a_whole_real_looking_metadata_makes_no_note(self, tmp_path: Path) -> None:
        text = (
            "problem_format_version: 2025-09\nuuid: 7\nversion: '1.2'\ntype: [pass-fail]\n"
            "credits: {authors: [A <a@b.org>, {name: B, orcid: '0'}], testers: C, translators: {de: [D]}}\n"
            "source: [{name: Cup 2025, url: 'https://cup.org'}, Other]\nlicense: cc by-sa\nrights_owner: A\n"
            "embargo_until: 2020-01-01\nkeywords: [two words, one]\nlanguages: all\nallow_file_writing: false\n"
            "limits: {time_limit: 1.0, memory: 256, output: 8, compilation_time: 60, validation_memory: 1024}\n"
            "constants: {max: 5}\n"
        )
        assert about(text, tmp_path, dated()).warnings == []

    def test_a_byte_order_mark_and_foreign_line_ends_do_no_harm(self, tmp_path: Path) -> None:
        files = legacy() | {"problem.yaml": b"\xef\xbb\xbfname: Next\r\nlimits:\r\n  memory: 64\r\n"}
        package = read(files, tmp_path / "next")
        assert package.statements[0].title == "Next"
        assert package.limits.memory_mb == 64


class TestLimits:
    @pytest.mark.parametrize(
        ("files", "limit"),
        [
            (NO_LIMIT, None),
            (NO_LIMIT | {".timelimit": "2\n"}, 2000),
            (NO_LIMIT | {".timelimit": " 0.25 "}, 250),
            (NO_LIMIT | {"domjudge-problem.ini": "timelimit='3'\n"}, 3000),
            (NO_LIMIT | {"domjudge-problem.ini": 'timelimit = "3.5"\ncolor=#ff0000\n'}, 3500),
            (NO_LIMIT | {"domjudge-problem.ini": "; a comment\n[problem]\nTimeLimit=4 ; of old\n"}, 4000),
            (NO_LIMIT | {"domjudge-problem.ini": "short-name = A\ncolor='red;timelimit=9'\n"}, None),
        ],
    )
    def test_time_comes_from_the_files_that_domjudge_has(self, tmp_path: Path, files: Files, limit: int | None) -> None:
        package = about("", tmp_path, files)
        assert package.limits.time_ms == limit
        assert package.warnings == []

    def test_problem_yaml_says_it_first_and_others_that_differ_are_told(self, tmp_path: Path) -> None:
        files = legacy() | {".timelimit": "2", "domjudge-problem.ini": "timelimit=3"}
        package = about("limits: {time_limit: 0.5}", tmp_path, files)
        assert package.limits.time_ms == 500
        assert package.warnings == [
            ".timelimit: its time limit of 2 s is not used, problem.yaml says 0.5 s",
            "domjudge-problem.ini: its time limit of 3 s is not used, problem.yaml says 0.5 s",
        ]

    def test_the_same_limit_twice_is_no_matter(self, tmp_path: Path) -> None:
        assert about("limits: {time_limit: 1.5}", tmp_path).warnings == []

    @pytest.mark.parametrize(("seconds", "limit"), [("0.0014", 1), ("1e-3", 1), ("120", 120_000), ("2.9999", 3000)])
    def test_time_is_whole_milliseconds(self, tmp_path: Path, seconds: str, limit: int) -> None:
        assert about(f"limits: {{time_limit: {seconds}}}", tmp_path, NO_LIMIT).limits.time_ms == limit

    def test_memory_and_output_are_in_mebibytes(self, tmp_path: Path) -> None:
        limits = about("limits: {memory: 2048, output: 16}", tmp_path).limits
        assert (limits.memory_mb, limits.output_mb) == (2048, 16)

    def test_none_are_the_systems_own(self, tmp_path: Path) -> None:
        limits = about("", tmp_path).limits
        assert (limits.memory_mb, limits.output_mb) == (None, None)

    @pytest.mark.parametrize(
        ("version", "text", "timing"),
        [
            ("legacy", "", Timing(5, 2, 1)),
            ("legacy-icpc", "limits: {time_multiplier: 3, time_safety_margin: 1.5}", Timing(3, 1.5, 1)),
            ("2025-09", "", Timing(2, 1.5, 1)),
            (
                "2025-09",
                "limits: {time_multipliers: {ac_to_time_limit: 4, time_limit_to_tle: 2.5}, time_resolution: 0.1}",
                Timing(4, 2.5, 0.1),
            ),
            ("draft", "limits: {time_multipliers: {ac_to_time_limit: 1}}", Timing(1, 1.5, 1)),
        ],
    )
    def test_how_a_time_limit_is_measured(self, tmp_path: Path, version: str, text: str, timing: Timing) -> None:
        files = NO_LIMIT if version in LEGACY else dated()
        assert about(f"problem_format_version: {version}\n{text}", tmp_path, files).limits.timing == timing

    def test_a_limit_of_code_size_is_told_not_to_hold(self, tmp_path: Path) -> None:
        assert "limits.code is not applied" in about("limits: {code: 10}", tmp_path).warnings[0]


class TestCredits:
    @pytest.mark.parametrize(
        ("text", "credits"),
        [
            ("", Credits()),
            ("author: Ada and Bob", Credits("Ada and Bob")),
            ("author: [Ada, Bob <b@x.org>]\nrights_owner: [Ada, Bob]", Credits("Ada, Bob", rights_owner="Ada, Bob")),
            ("credits: Ada <ada@x.org>", Credits("Ada")),
            ("credits: {authors: [Ada <ada@x.org>, {name: Bob, email: b@x.org}]}", Credits("Ada, Bob")),
            ("source: Cup\nsource_url: https://cup.org", Credits(source="Cup", source_url="https://cup.org")),
            ("source: {name: Cup, url: 'http://cup.org'}", Credits(source="Cup", source_url="http://cup.org")),
            (
                "source: [Cup 2024, {name: Cup 2025, url: 'https://cup.org/25'}]",
                Credits(source="Cup 2024, Cup 2025", source_url="https://cup.org/25"),
            ),
            ("license: CC BY-SA\nrights_owner: Ada", Credits(license="cc by-sa", rights_owner="Ada")),
            ("license: cc0\nauthor: Ada", Credits("Ada", license="cc0", rights_owner="Ada")),
            ("license: cc by\nsource: Cup", Credits(source="Cup", license="cc by", rights_owner="Cup")),
            ("license: public domain\nauthor: Ada", Credits("Ada", license="public domain")),
            ("keywords: one two", Credits(keywords=["one", "two"])),
            ("keywords: [one two, three]", Credits(keywords=["one two", "three"])),
        ],
    )
    def test_who_and_whence(self, tmp_path: Path, text: str, credits: Credits) -> None:
        assert about(text, tmp_path).credits == credits

    def test_no_mail_address_is_kept(self, tmp_path: Path) -> None:
        text = "credits: {authors: ['Ada <ada@x.org>'], testers: ['Bob <bob@x.org>']}\nauthor: Eve"
        assert "@" not in repr(about(text, tmp_path).credits)

    @pytest.mark.parametrize(
        ("text", "word"),
        [("license: wtfpl", "wtfpl"), ("source: {name: x, url: 'javascript:alert(1)'}", "javascript")],
    )
    def test_what_is_odd_is_told_and_left_out(self, tmp_path: Path, text: str, word: str) -> None:
        package = about(text, tmp_path)
        assert word in package.warnings[0]
        assert word not in repr(package.credits)


class TestNames:
    def titles(self, package: Package) -> dict[str, str]:
        return {statement.language: statement.title for statement in package.statements}

    def test_one_for_each_language(self, tmp_path: Path) -> None:
        files = dated() | {
            "problem.yaml": "problem_format_version: 2025-09\nname: {en: Next, no: Neste, zh: 下一个}\n"
            "limits: {time_limit: 1}",
            "statement/problem.no.md": "Skriv\n",
            "statement/problem.zh.md": "写\n",
            "statement/problem.pt-BR.md": "Escreva\n",
        }
        assert self.titles(read(files, tmp_path / "next")) == {
            "en": "Next",
            "no": "Neste",
            "zh": "下一个",
            "pt-BR": "Next",
        }

    @pytest.mark.parametrize(
        ("tex", "title"),
        [
            (r"\problemname{Next \& More}", "Next & More"),
            (r"\problemname{$x^2$ and \emph{more}}", "x^2 and more"),
            ("%% plainproblemname: Squares\n" r"\problemname{$x^2$}", "Squares"),
            (r"\problemname{}", ""),
            ("Text", ""),
        ],
    )
    def test_a_statement_may_name_itself(self, tmp_path: Path, tex: str, title: str) -> None:
        files = legacy() | {"problem.yaml": "license: cc0\n", "problem_statement/problem.tex": f"{tex}\n\nText\n"}
        assert read(files, tmp_path / "next").statements[0].title == title

    def test_a_heading_is_the_last_resort(self, tmp_path: Path) -> None:
        files = dated() | {
            "problem.yaml": "problem_format_version: 2025-09\nlimits: {time_limit: 1}\n",
            "statement/problem.en.md": "# The *next* one\n\nText\n",
        }
        assert read(files, tmp_path / "next").statements[0].title == "The *next* one"

    def test_digits_are_a_name(self, tmp_path: Path) -> None:
        files = legacy() | {"problem.yaml": "name: 2048\n"}
        assert read(files, tmp_path / "next").statements[0].title == "2048"


class TestLanguages:
    @pytest.mark.parametrize(
        ("text", "languages"),
        [
            ("", []),
            ("languages: all", []),
            ("languages: python3 cpp", ["python3", "cpp"]),
            ("languages: [c, java]", ["c", "java"]),
        ],
    )
    def test_which_may_be_used(self, tmp_path: Path, text: str, languages: list[str]) -> None:
        package = about(text, tmp_path)
        assert package.languages == languages
        assert package.warnings == []

    def test_codes_that_nobody_knows_are_told(self, tmp_path: Path) -> None:
        assert about("languages: [cpp, brainf]", tmp_path).warnings == [
            "problem.yaml: languages: brainf is not the code of a language"
        ]


class TestConstants:
    def test_they_are_put_where_the_format_says(self, tmp_path: Path) -> None:
        files = dated() | {
            "problem.yaml": "problem_format_version: 2025-09\nname: '{{max}}'\nlimits: {time_limit: 1}\n"
            "constants: {max: 1000, eps: 1e-6, word: 'a b'}\n",
            "statement/problem.en.md": "At most ${{max}}$, {{word}}, {{other}}.\n",
            "data/secret/test_group.yaml": "output_validator_args: [float_tolerance, '{{eps}}']\n",
            "data/secret/2.in": "{{max}}\n",
            "data/secret/2.ans": "{{max}}\n",
            "submissions/accepted/next.py": "print(int(input()) + 1)  # below {{max}}\n",
        }
        package = read(files, tmp_path / "next")
        assert package.statements[0].title == "{{max}}"
        assert 'data-tex="1000"' in package.statements[0].html
        assert "a b, {{other}}" in package.statements[0].html
        assert package.checker.float_absolute_tolerance == pytest.approx(1e-6)
        assert package.blobs.head(package.tests[-1].input, 100) == b"{{max}}\n"
        assert b"below 1000" in package.blobs.head(package.jury[0].files["next.py"], 100)

    def test_latex_has_a_command_for_them(self, tmp_path: Path) -> None:
        files = without(dated(), "statement/problem.en.md") | {
            "problem.yaml": "problem_format_version: 2025-09\nname: N\nlimits: {time_limit: 1}\nconstants: {max: 9}\n",
            "statement/problem.en.tex": r"At most \constant{max}, $\constant{max}$.",
        }
        assert read(files, tmp_path / "next").statements[0].html.startswith("<p>At most 9, <span")
