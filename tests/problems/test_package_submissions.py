"""The tagged submissions of a package: which programs there are, and what is expected of each."""

from pathlib import Path

import pytest

from problems.content import JuryProgram, JuryRule
from problems.package import expectations, submissions
from problems.package.errors import PackageError
from problems.package.languages import language_of
from problems.package.reader import Package
from tests.problems.building import Files, dated, legacy, read

CRASHES = ["RE", "MLE", "OLE"]
PROGRAM = "print(int(input()) + 1)\n"


def programs(package: Package) -> dict[str, JuryProgram]:
    return {program.path.removeprefix("submissions/"): program for program in package.jury}


def verdicts(text: str) -> dict[int, str]:
    return dict(enumerate(text.split(), 1))


def met(program: JuryProgram, text: str) -> bool:
    return program.is_met_by(verdicts(text))


def tagged(folder: str, tmp_path: Path, base: Files, source: str = PROGRAM) -> JuryProgram:
    package = read(base | {f"submissions/{folder}/x.py": source}, tmp_path / "next")
    return programs(package)[f"{folder}/x.py"]


class TestLegacyTags:
    @pytest.mark.parametrize(
        ("folder", "good", "bad"),
        [
            ("accepted", ["AC AC AC"], ["AC WA AC", "TLE AC AC", "AC AC RE", "AC MLE AC", "OLE AC AC"]),
            ("wrong_answer", ["AC WA", "WA WA"], ["AC AC", "WA TLE", "WA RE", "TLE AC", "WA MLE"]),
            ("time_limit_exceeded", ["AC TLE", "WA TLE", "TLE TLE"], ["AC AC", "WA AC", "TLE RE", "MLE TLE"]),
            ("run_time_error", ["AC RE", "RE WA", "MLE AC", "OLE TLE"], ["AC AC", "WA WA", "TLE AC"]),
            ("rejected", ["AC WA", "TLE AC", "RE AC", "AC OLE"], ["AC AC"]),
            ("memory_limit_exceeded", ["MLE AC", "RE AC"], ["AC AC", "WA TLE"]),
            ("output_limit_exceeded", ["OLE AC"], ["AC WA"]),
            ("compiler_error", ["CE CE"], ["AC CE", "RE RE"]),
            ("mixed", ["AC AC", "WA TLE RE"], []),
        ],
    )
    def test_what_each_lets_pass(self, tmp_path: Path, folder: str, good: list[str], bad: list[str]) -> None:
        program = tagged(folder, tmp_path, legacy())
        assert [text for text in good if not met(program, text)] == []
        assert [text for text in bad if met(program, text)] == []

    @pytest.mark.parametrize(
        ("folder", "bounds"),
        [("accepted", "lower"), ("time_limit_exceeded", "upper"), ("wrong_answer", ""), ("run_time_error", "")],
    )
    def test_which_bound_the_time_limit(self, tmp_path: Path, folder: str, bounds: str) -> None:
        assert tagged(folder, tmp_path, legacy()).rules[0].bounds == bounds


class TestDatedTags:
    @pytest.mark.parametrize(
        ("folder", "good", "bad"),
        [
            ("accepted", ["AC AC"], ["AC WA", "TLE AC", "AC RE"]),
            ("rejected", ["AC WA", "TLE AC", "AC RE"], ["AC AC"]),
            ("wrong_answer", ["AC WA"], ["AC AC", "WA TLE", "WA RE"]),
            ("time_limit_exceeded", ["AC TLE"], ["AC AC", "WA TLE", "RE TLE"]),
            ("run_time_error", ["AC RE", "MLE AC", "OLE RE"], ["AC AC", "RE WA", "RE TLE"]),
            ("brute_force", ["AC TLE", "RE AC", "TLE MLE"], ["AC AC", "TLE WA"]),
        ],
    )
    def test_what_each_lets_pass(self, tmp_path: Path, folder: str, good: list[str], bad: list[str]) -> None:
        program = tagged(folder, tmp_path, dated())
        assert [text for text in good if not met(program, text)] == []
        assert [text for text in bad if met(program, text)] == []

    @pytest.mark.parametrize(
        ("folder", "bounds"),
        [
            *(("accepted", "lower"), ("wrong_answer", "lower"), ("run_time_error", "lower")),
            *(("time_limit_exceeded", "upper"), ("brute_force", ""), ("rejected", "")),
        ],
    )
    def test_which_bound_the_time_limit(self, tmp_path: Path, folder: str, bounds: str) -> None:
        assert tagged(folder, tmp_path, dated()).rules[0].bounds == bounds

    def test_a_directory_that_says_nothing_is_told(self, tmp_path: Path) -> None:
        package = read(dated() | {"submissions/slow/x.py": PROGRAM}, tmp_path / "next")
        assert package.warnings[0].startswith("submissions/slow/x.py: nothing is expected of it")
        assert met(programs(package)["slow/x.py"], "WA TLE RE")


class TestAnnotations:
    """DOMjudge's way to say what is expected."""

    @pytest.mark.parametrize(
        ("folder", "words", "good", "bad"),
        [
            ("mixed", "WRONG-ANSWER", ["AC WA"], ["AC AC", "WA TLE", "RE AC"]),
            ("mixed", "TIMELIMIT, WRONG-ANSWER", ["AC TLE", "WA AC", "WA TLE"], ["AC AC", "AC RE"]),
            ("mixed", "CORRECT", ["AC AC"], ["AC WA", "TLE AC"]),
            ("mixed", "CORRECT, TIMELIMIT", ["AC AC", "AC TLE"], ["WA TLE"]),
            ("mixed", "RUN-ERROR", ["RE AC", "MLE AC"], ["AC AC", "WA AC"]),
            ("mixed", "run_time_error ", ["RE AC"], ["AC AC"]),
            ("mixed", "COMPILER-ERROR", ["CE CE"], ["RE RE"]),
            ("wrong_answer", "TIMELIMIT", ["WA TLE"], ["AC WA"]),
            ("time_limit_exceeded", "TIMELIMIT, RUN-ERROR", ["AC TLE", "RE WA"], ["AC WA"]),
            ("accepted", "CORRECT", ["AC AC"], ["AC WA"]),
            ("wrong_answer", "SOMETHING-ELSE", ["WA AC"], ["AC AC"]),
        ],
    )
    def test_the_outcome_is_one_of_those(
        self, tmp_path: Path, folder: str, words: str, good: list[str], bad: list[str]
    ) -> None:
        program = tagged(folder, tmp_path, legacy(), f"# @EXPECTED_RESULTS@: {words}\n{PROGRAM}")
        assert [text for text in good if not met(program, text)] == []
        assert [text for text in bad if met(program, text)] == []

    def test_it_may_stand_in_any_comment(self, tmp_path: Path) -> None:
        files = legacy() | {"submissions/mixed/x.c": "/* @EXPECTED_RESULTS@: RUN-ERROR, TIMELIMIT */\nint main(){}\n"}
        package = read(files, tmp_path / "next")
        assert met(programs(package)["mixed/x.c"], "RE AC")
        assert not met(programs(package)["mixed/x.c"], "AC AC")
        assert package.warnings == []

    @pytest.mark.parametrize(
        ("folder", "words", "bounds"),
        [
            ("accepted", "CORRECT", "lower"),
            ("accepted", "TIMELIMIT", ""),
            ("time_limit_exceeded", "TIMELIMIT", "upper"),
        ],
    )
    def test_one_that_changes_the_tag_says_nothing_of_time(
        self, tmp_path: Path, folder: str, words: str, bounds: str
    ) -> None:
        program = tagged(folder, tmp_path, legacy(), f"# @EXPECTED_RESULTS@: {words}\n{PROGRAM}")
        assert program.rules[0].bounds == bounds


def with_entries(text: str) -> Files:
    files = dated() | {"submissions/submissions.yaml": text}
    for name in ("secret/a-small", "secret/b-large", "secret/c-large"):
        files |= {f"data/{name}.in": "1\n", f"data/{name}.ans": "2\n"}
    return files | {"submissions/slow/x.py": PROGRAM, "submissions/accepted/y.py": PROGRAM}


class TestSubmissionsYaml:
    """Tests are, in order: sample/1, secret/1, secret/a-small, secret/b-large, secret/c-large."""

    def program(self, tmp_path: Path, text: str, path: str = "slow/x.py") -> JuryProgram:
        return programs(read(with_entries(text), tmp_path / "next"))[path]

    def test_permitted_and_required(self, tmp_path: Path) -> None:
        program = self.program(tmp_path, "slow/x.py: {permitted: [AC, TLE], required: [TLE]}")
        assert met(program, "AC AC AC AC TLE")
        assert not met(program, "AC AC AC AC AC")
        assert not met(program, "AC WA AC AC TLE")

    def test_rules_for_some_tests(self, tmp_path: Path) -> None:
        text = (
            "slow/x.py:\n  sample: {permitted: [AC]}\n  'secret/*-small': {permitted: [AC]}\n"
            "  'secret/*-large': {permitted: [AC, TLE], required: [TLE]}\n"
        )
        program = self.program(tmp_path, text)
        assert [rule.tests for rule in program.rules] == [None, [1], [3], [4, 5]]
        assert met(program, "AC WA AC AC TLE")
        assert not met(program, "WA AC AC AC TLE"), "the sample is to be solved"
        assert not met(program, "AC AC AC AC AC"), "a large one is to be too large"
        assert not met(program, "AC TLE AC AC AC"), "and no other one instead"

    def test_the_entry_of_a_directory_replaces_its_default(self, tmp_path: Path) -> None:
        program = self.program(tmp_path, "accepted: {permitted: [AC, WA]}", "accepted/y.py")
        assert program.rules == [JuryRule(["AC", "WA"], [], None, "lower")]

    def test_what_it_leaves_open_stays(self, tmp_path: Path) -> None:
        program = self.program(tmp_path, "accepted: {use_for_time_limit: false}", "accepted/y.py")
        assert program.rules == [JuryRule(["AC"], [], None, "")]

    def test_other_patterns_add_to_it(self, tmp_path: Path) -> None:
        program = self.program(tmp_path, "'accepted/*': {permitted: [AC, WA], required: [WA]}", "accepted/y.py")
        assert not met(program, "WA AC AC AC AC")
        assert not met(program, "AC AC AC AC AC")

    @pytest.mark.parametrize(
        ("pattern", "fits"),
        [
            *(("slow", True), ("slow/", True), ("slow/*", True), ("slow/x.*", True), ("*/x.py", True), ("*", True)),
            *(("{fast,slow}/x.py", True), ("slow/{x,y}.{py,cpp}", True), ("slow/**", True)),
            *(("slo", False), ("x.py", False), ("slow/x", False), ("slow*", True), ("s*/y.py", False)),
            *(("slow/x_py", False), ("slow/[x].py", False), ("fast", False), ("slow/x.py/z", False)),
        ],
    )
    def test_patterns(self, tmp_path: Path, pattern: str, fits: bool) -> None:
        program = self.program(tmp_path, f"'{pattern}': {{language: cobol}}")
        assert (program.language == "cobol") is fits

    def test_language_and_entry_point(self, tmp_path: Path) -> None:
        program = self.program(tmp_path, "slow/x.py: {language: pypy3, entrypoint: x.py}")
        assert (program.language, program.entrypoint) == ("pypy3", "x.py")

    @pytest.mark.parametrize("point", ["../x.py", "/bin/sh", "-c", "a b", "x/y"])
    def test_an_entry_point_is_a_plain_name(self, tmp_path: Path, point: str) -> None:
        with pytest.raises(PackageError, match=r"submissions.yaml: slow.entrypoint must be"):
            self.program(tmp_path, f"slow: {{entrypoint: '{point}'}}")

    def test_rte_is_any_crash(self, tmp_path: Path) -> None:
        program = self.program(tmp_path, "slow: {permitted: [AC, RTE], required: [RTE]}")
        assert program.rules == [JuryRule(["AC", *CRASHES], CRASHES, None, "lower")]

    def test_requiring_any_verdict_requires_nothing(self, tmp_path: Path) -> None:
        program = self.program(tmp_path, "slow: {required: [AC, WA, TLE, RTE]}")
        assert met(program, "AC AC AC AC AC")

    @pytest.mark.parametrize(
        ("entry", "bounds"),
        [
            *(("required: [TLE]", "upper"), ("required: [TLE, RTE]", ""), ("permitted: [AC, WA]", "lower")),
            *(("permitted: [AC, TLE]", ""), ("use_for_time_limit: lower", "lower")),
            *(("required: [TLE], use_for_time_limit: false", ""), ("use_for_time_limit: upper", "upper")),
        ],
    )
    def test_which_bound_the_time_limit(self, tmp_path: Path, entry: str, bounds: str) -> None:
        assert self.program(tmp_path, f"slow: {{{entry}}}").rules[0].bounds == bounds

    def test_rules_for_some_tests_bound_it_by_those(self, tmp_path: Path) -> None:
        rule = self.program(tmp_path, "slow/*: {'secret/*-large': {required: [TLE]}}").rules[1]
        assert (rule.tests, rule.bounds) == ([4, 5], "upper")

    def test_people_and_model_solutions_are_passed_over(self, tmp_path: Path) -> None:
        text = "'*': {authors: [A <a@x.org>], model_solution: true}\n"
        assert read(with_entries(text), tmp_path / "next").warnings[:-1] == []

    def test_messages_are_told_not_to_be_checked(self, tmp_path: Path) -> None:
        package = read(with_entries("slow: {required: [WA], message: too large}"), tmp_path / "next")
        assert "submissions/submissions.yaml: message is not checked" in package.warnings

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("slow: {permitted: []}", "slow.permitted must list"),
            ("slow: {permitted: [CE]}", "slow.permitted must list"),
            ("slow: {required: {AC: 1}}", "slow.required must be text"),
            ("slow: {use_for_time_limit: 3}", "slow.use_for_time_limit must be"),
            ("slow: {secret: [AC]}", "slow.secret must be a map"),
            ("slow: [AC]", "slow must be a map"),
            ("'" + "{a,b}" * 11 + "': {}", "more than 1000 patterns"),
            ("slow: {'secret/" + "{a,b}" * 11 + "': {}}", "more than 1000 patterns"),
            ("\n".join(f"a{number}: {{}}" for number in range(1001)), "more than 1000 patterns"),
        ],
    )
    def test_what_is_none_is_refused(self, tmp_path: Path, text: str, why: str) -> None:
        with pytest.raises(PackageError, match=r"^submissions/submissions\.yaml: ") as caught:
            read(with_entries(text), tmp_path / "next")
        assert why in str(caught.value)

    @pytest.mark.timeout(20)
    def test_no_pattern_takes_long(self, tmp_path: Path) -> None:
        name = "a" * 200
        stars = "*a" * 60 + "*b"
        files = with_entries(f"'slow/{stars}': {{language: cobol, 'secret/{stars}': {{permitted: [AC]}}}}")
        files |= {f"submissions/slow/{name}": PROGRAM, f"data/secret/{name}.in": "1\n", f"data/secret/{name}.ans": ""}
        assert programs(read(files, tmp_path / "next"))[f"slow/{name}"].language == ""

    def test_rules_that_name_too_many_tests_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(submissions, "MAX_NAMED_TESTS", 3)
        with pytest.raises(PackageError, match="for more than 3 tests in all"):
            read(with_entries("slow: {secret: {permitted: [AC]}}"), tmp_path / "next")


def test_stars_that_stand_in_one_another_find_their_place() -> None:
    expression = expectations._compiled("x", "a*b*ab/*-*{x,y}", 9)
    assert [
        bool(expression.fullmatch(name)) for name in ("abab/-x", "aabbab/1-2y", "ab/-x", "abab/-z", "abab/-x/z")
    ] == [*(True, True, False, False, True)]


class TestPrograms:
    def test_a_directory_is_one_program(self, tmp_path: Path) -> None:
        files = legacy() | {
            "submissions/accepted/two/main.py": "import util\n",
            "submissions/accepted/two/util.py": "x = 1\n",
            "submissions/accepted/two/sub/deep.py": "y = 1\n",
        }
        program = programs(read(files, tmp_path / "next"))["accepted/two"]
        assert list(program.files) == ["main.py", "sub/deep.py", "util.py"]
        assert program.language == "python3"

    def test_they_come_in_order_of_their_paths(self, tmp_path: Path) -> None:
        files = legacy() | {f"submissions/{path}": PROGRAM for path in ("wrong_answer/b.py", "accepted/z.py", "x/a.py")}
        package = read(files, tmp_path / "next")
        assert list(programs(package)) == ["accepted/next.py", "accepted/z.py", "wrong_answer/b.py", "x/a.py"]

    def test_what_is_in_no_directory_is_told(self, tmp_path: Path) -> None:
        package = read(legacy() | {"submissions/stray.py": PROGRAM}, tmp_path / "next")
        assert package.warnings[0].startswith("submissions/stray.py: is in no directory")
        assert len(package.jury) == 1

    @pytest.mark.parametrize(
        ("content", "word"),
        [(b"\0\1\2" * 9, "is not text and was left out"), (b"x" * (1 << 20) + b"y", "is larger than 1024 KiB")],
    )
    def test_what_is_no_source_is_left_out(self, tmp_path: Path, content: bytes, word: str) -> None:
        package = read(legacy() | {"submissions/accepted/a.py": content}, tmp_path / "next")
        assert list(programs(package)) == ["accepted/next.py"]
        assert word in package.warnings[0]

    def test_latin_1_is_turned_into_utf_8_and_told(self, tmp_path: Path) -> None:
        package = read(legacy() | {"submissions/accepted/a.py": b"# caf\xe9\n"}, tmp_path / "next")
        name = programs(package)["accepted/a.py"].files["a.py"]
        assert package.blobs.head(name, 99).decode() == "# café\n"
        assert package.warnings == ["submissions/accepted/a.py: is not UTF-8 and was read as Latin-1"]

    def test_a_problem_that_nobody_solves_is_told(self, tmp_path: Path) -> None:
        files = legacy()
        files["submissions/wrong_answer/a.py"] = files.pop("submissions/accepted/next.py")
        assert "submissions/accepted: has no program" in read(files, tmp_path / "next").warnings[0]

    def test_more_than_a_row_can_hold_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(submissions, "MAX_PROGRAMS", 1)
        with pytest.raises(PackageError, match="submissions: has more than 1 programs"):
            read(legacy() | {"submissions/accepted/a.py": PROGRAM}, tmp_path / "next")


class TestLanguages:
    @pytest.mark.parametrize(
        ("names", "language"),
        [
            *(("a.c", "c"), ("a.cpp", "cpp"), ("a.cc", "cpp"), ("a.cxx", "cpp"), ("a.C", "cpp"), ("A.java", "java")),
            *(("a.kt", "kotlin"), ("a.py", "python3"), ("a.py3", "python3"), ("a.py2", "python2"), ("a.rs", "rust")),
            *(("a.go", "go"), ("a.js", "javascript"), ("a.cs", "csharp"), ("a.hs", "haskell"), ("a.rb", "ruby")),
            *(("a.cpp b.h", "cpp"), ("a.cpp b.cpp", "cpp"), ("A.java B.java", "java"), ("a.py notes.txt", "python3")),
            *(("a.c b.cpp", ""), ("a.py b.java", ""), ("notes.txt", ""), ("a", ""), ("a.PY", ""), ("", "")),
        ],
    )
    def test_by_the_endings_of_files(self, names: str, language: str) -> None:
        assert language_of([(name, b"") for name in names.split()], has_shebangs=True) == language

    @pytest.mark.parametrize(
        ("line", "language"),
        [
            (b"#!/usr/bin/env python2\n", "python2"),
            (b"#!/usr/bin/python2.7\n", "python2"),
            (b"#!/usr/bin/env python3\n", "python3"),
            (b"#!/usr/bin/env python\n", "python3"),
            (b"# python2\n", "python3"),
            (b"\n#!/usr/bin/python2\n", "python3"),
        ],
    )
    def test_the_first_line_tells_python_2_in_the_legacy_versions(self, line: bytes, language: str) -> None:
        assert language_of([("a.py", line)], has_shebangs=True) == language
        assert language_of([("a.py", line)], has_shebangs=False) == "python3"
