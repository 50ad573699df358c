"""The tests of a package: their files, their groups' settings, and the flags they are checked with."""

from pathlib import Path

import pytest

from problems.content import CheckerFlags, TestCase
from problems.package.errors import PackageError
from problems.package.flags import parse
from problems.package.reader import Package
from tests.problems.building import Files, dated, legacy, read, without

TOLERANT = CheckerFlags(float_absolute_tolerance=1e-6, float_relative_tolerance=1e-6)


def by_name(package: Package) -> dict[str, TestCase]:
    return {test.name: test for test in package.tests}


def pairs(*names: str) -> Files:
    return {f"data/{name}{ending}": f"{name}\n" for name in names for ending in (".in", ".ans")}


def flags_of(package: Package, name: str) -> CheckerFlags:
    return by_name(package)[name].checker or package.checker


class TestFiles:
    def test_samples_come_first_then_each_group_in_order_of_names(self, tmp_path: Path) -> None:
        files = legacy() | pairs("secret/2-b/10", "secret/2-b/9", "secret/2-a/x", "secret/10", "sample/z", "secret/2")
        package = read(files, tmp_path / "next")
        assert [test.name for test in package.tests] == [
            *("sample/1", "sample/z"),
            *("secret/1", "secret/10", "secret/2", "secret/2-a/x", "secret/2-b/10", "secret/2-b/9"),
        ]
        assert [test.number for test in package.tests] == list(range(1, 9))
        assert [test.is_sample for test in package.tests] == [True] * 2 + [False] * 6

    def test_a_directory_beside_a_test_of_that_name(self, tmp_path: Path) -> None:
        package = read(legacy() | pairs("secret/1/x"), tmp_path / "next")
        assert [test.name for test in package.tests] == ["sample/1", "secret/1", "secret/1/x"]

    def test_names_may_have_dots(self, tmp_path: Path) -> None:
        package = read(legacy() | pairs("secret/1.5", "secret/1.in.2"), tmp_path / "next")
        assert {"secret/1.5", "secret/1.in.2"} < set(by_name(package))

    def test_no_sample_is_needed(self, tmp_path: Path) -> None:
        files = without(legacy(), "data/sample/1.in", "data/sample/1.ans")
        assert [test.name for test in read(files, tmp_path / "next").tests] == ["secret/1"]

    def test_empty_files_are_tests(self, tmp_path: Path) -> None:
        package = read(legacy() | {"data/secret/0.in": "", "data/secret/0.ans": ""}, tmp_path / "next")
        assert by_name(package)["secret/0"].input_bytes == 0

    def test_bytes_are_kept_as_they_are(self, tmp_path: Path) -> None:
        content = "\ufeff1\r\n\u2028\0 é".encode()
        package = read(legacy() | {"data/secret/1.in": content}, tmp_path / "next")
        test = by_name(package)["secret/1"]
        assert package.blobs.head(test.input, 100) == content
        assert test.input_bytes == len(content)

    def test_a_character_cut_by_the_reader_is_one_all_the_same(self, tmp_path: Path) -> None:
        content = "é" * (3 << 19) + "\n"  # two bytes each, so that one lies across each border but for the extra byte
        package = read(legacy() | {"data/secret/1.in": "x" + content}, tmp_path / "next")
        assert by_name(package)["secret/1"].input_bytes == len(content.encode()) + 1

    def test_where_a_byte_is_wrong_is_told(self, tmp_path: Path) -> None:
        files = legacy() | {"data/secret/1.in": b"x" * (1 << 20) + b"abc\xff"}
        with pytest.raises(PackageError, match=r"data/secret/1.in: is not UTF-8 text \(near byte 1048579\)"):
            read(files, tmp_path / "next")

    def test_descriptions_and_hints(self, tmp_path: Path) -> None:
        files = legacy() | {"data/secret/1.desc": "The largest.\n", "data/secret/1.hint": "Think big.\n"}
        test = by_name(read(files, tmp_path / "next"))["secret/1"]
        assert (test.description, test.hint) == ("The largest.", "Think big.")

    def test_dated_ones_have_them_in_yaml(self, tmp_path: Path) -> None:
        files = dated() | {"data/secret/1.yaml": "description: The largest.\nhint: Think big.\n"}
        test = by_name(read(files, tmp_path / "next"))["secret/1"]
        assert (test.description, test.hint) == ("The largest.", "Think big.")

    def test_samples_may_be_shown_otherwise_than_judged(self, tmp_path: Path) -> None:
        files = dated() | {"data/sample/1.in.statement": "one\n", "data/sample/1.out": "two\n"}
        package = read(files, tmp_path / "next")
        sample = by_name(package)["sample/1"]
        assert package.blobs.head(sample.shown_input, 9) == b"one\n"
        assert package.blobs.head(sample.shown_answer, 9) == b"two\n"
        assert package.blobs.head(sample.answer, 9) == b"2\n"

    def test_pictures_and_downloads_are_no_matter(self, tmp_path: Path) -> None:
        files = dated() | {f"data/{name}": b"\x89" for name in ("secret/1.png", "sample/1.in.download", "secret/1.svg")}
        package = read(files, tmp_path / "next")
        assert len(package.tests) == 2
        assert package.warnings == []

    @pytest.mark.parametrize("stray", ["data/secret/notes.txt", "data/extra/1.in", "data/1.in"])
    def test_what_is_not_judged_is_told(self, tmp_path: Path, stray: str) -> None:
        assert read(legacy() | {stray: "x"}, tmp_path / "next").warnings[0].startswith(f"{stray}: is ")

    def test_tests_of_the_validators_are_passed_over(self, tmp_path: Path) -> None:
        files = dated() | pairs("invalid_input/1", "invalid_output/1", "valid_output/1", "invalid_answers/1")
        package = read(files, tmp_path / "next")
        assert len(package.tests) == 2
        assert package.warnings == []

    def test_ten_thousand_files_are_read(self, tmp_path: Path) -> None:
        files = legacy() | pairs(*(f"secret/{number:04}" for number in range(5000)))
        assert len(read(files, tmp_path / "next").tests) == 5002


class TestFlags:
    @pytest.mark.parametrize(
        ("arguments", "flags"),
        [
            ("", CheckerFlags()),
            ("case_sensitive", CheckerFlags(case_sensitive=True)),
            ("space_change_sensitive case_sensitive", CheckerFlags(case_sensitive=True, space_change_sensitive=True)),
            ("float_tolerance 1e-6", TOLERANT),
            ("float_absolute_tolerance .5", CheckerFlags(float_absolute_tolerance=0.5)),
            ("float_relative_tolerance 1.E-3", CheckerFlags(float_relative_tolerance=0.001)),
            ("float_tolerance 0", CheckerFlags(float_absolute_tolerance=0.0, float_relative_tolerance=0.0)),
            (
                "float_absolute_tolerance 1 float_relative_tolerance 2",
                CheckerFlags(float_absolute_tolerance=1.0, float_relative_tolerance=2.0),
            ),
        ],
    )
    def test_what_they_mean(self, arguments: str, flags: CheckerFlags) -> None:
        assert parse("x", arguments.split(), once=True) == flags

    @pytest.mark.parametrize(
        "arguments",
        [
            *("float_tolerance", "float_tolerance -1", "float_tolerance 1e", "float_tolerance nan", "1e-6", "-c"),
            *("float_tolerance 0x1", "float_tolerance 1e400", "float_tolerance 1_0", "CASE_SENSITIVE", "float_tol 1"),
            *("float_tolerance ١", "float_tolerance case_sensitive", "float_tolerance 1 float_absolute_tolerance 1"),
        ],
    )
    def test_what_is_none_is_refused(self, arguments: str) -> None:
        with pytest.raises(PackageError, match=r"^x: the "):
            parse("x", arguments.split(), once=True)

    def test_the_last_of_two_counts_in_the_legacy_versions(self) -> None:
        flags = parse("x", ["float_tolerance", "1", "float_absolute_tolerance", "2"], once=False)
        assert flags == CheckerFlags(float_absolute_tolerance=2.0, float_relative_tolerance=1.0)

    @pytest.mark.parametrize("flags", ["float_tolerance 1e-6", "[float_tolerance, 1e-6]", "[float_tolerance, '1e-6']"])
    def test_problem_yaml_has_them_for_all_tests(self, tmp_path: Path, flags: str) -> None:
        package = read(legacy() | {"problem.yaml": f"name: N\nvalidator_flags: {flags}\n"}, tmp_path / "next")
        assert package.checker == TOLERANT
        assert all(test.checker is None for test in package.tests)

    def test_domjudge_has_them_in_its_own_file(self, tmp_path: Path) -> None:
        files = legacy() | {"domjudge-problem.ini": "special_compare_args='float_tolerance 1e-6'\n"}
        assert read(files, tmp_path / "next").checker == TOLERANT


class TestGroups:
    def test_flags_are_inherited_down_to_the_tests(self, tmp_path: Path) -> None:
        files = dated() | pairs("secret/a/1", "secret/a/2", "secret/b/1")
        files |= {
            "data/secret/test_group.yaml": "output_validator_args: [case_sensitive]\n",
            "data/secret/a/test_group.yaml": "output_validator_args: [float_tolerance, 1e-6]\n",
            "data/secret/a/2.yaml": "output_validator_args: [space_change_sensitive]\n",
        }
        package = read(files, tmp_path / "next")
        assert flags_of(package, "sample/1") == CheckerFlags()
        assert flags_of(package, "secret/1") == CheckerFlags(case_sensitive=True)
        assert flags_of(package, "secret/b/1") == CheckerFlags(case_sensitive=True)
        assert flags_of(package, "secret/a/1") == TOLERANT
        assert flags_of(package, "secret/a/2") == CheckerFlags(space_change_sensitive=True)

    def test_legacy_groups_add_to_the_problems_flags(self, tmp_path: Path) -> None:
        files = legacy() | {
            "problem.yaml": "name: N\nvalidator_flags: case_sensitive\n",
            "data/secret/testdata.yaml": "output_validator_flags: float_tolerance 1e-6\n",
        }
        package = read(files, tmp_path / "next")
        assert flags_of(package, "sample/1") == CheckerFlags(case_sensitive=True)
        assert flags_of(package, "secret/1") == CheckerFlags(True, False, 1e-6, 1e-6)

    def test_a_group_may_take_flags_back(self, tmp_path: Path) -> None:
        files = dated() | pairs("secret/a/1")
        files |= {
            "data/secret/test_group.yaml": "output_validator_args: [case_sensitive]\n",
            "data/secret/a/test_group.yaml": "output_validator_args: []\n",
        }
        package = read(files, tmp_path / "next")
        assert flags_of(package, "secret/1") == CheckerFlags(case_sensitive=True)
        assert flags_of(package, "secret/a/1") == CheckerFlags()

    def test_single_tests_have_settings_in_the_dated_versions_only(self, tmp_path: Path) -> None:
        files = legacy() | {"data/secret/1.yaml": "output_validator_args: [case_sensitive]\n"}
        assert flags_of(read(files, tmp_path / "next"), "secret/1") == CheckerFlags()

    @pytest.mark.parametrize(
        "yaml",
        [
            "output_validator_flags: float_tolerance 1e-6",
            "output_validator_flags: {name: default, flags: float_tolerance 1e-6}",
            "on_reject: continue\noutput_validator_flags: float_tolerance 1e-6\ngrading: default",
        ],
    )
    def test_ways_to_write_them(self, tmp_path: Path, yaml: str) -> None:
        package = read(legacy() | {"data/testdata.yaml": f"{yaml}\n"}, tmp_path / "next")
        assert package.checker == TOLERANT
        assert package.tests[0].checker is None

    @pytest.mark.parametrize(
        "yaml",
        [
            "on_reject: break\ngrading: default\ngrader_flags: min first_error\nrange: 0 100\naccept_score: 50",
            "input_validator_flags: n=5\non_reject: continue",
            "input_validator_args: {validate: ['5']}\nmax_score: 30\nscore_aggregation: min\nfull_feedback: true",
            "require_pass: sample\noutput_visualizer_args: [x]",
        ],
    )
    def test_what_concerns_scores_and_validators_is_passed_over(self, tmp_path: Path, yaml: str) -> None:
        package = read(legacy() | {"data/secret/testdata.yaml": f"{yaml}\n"}, tmp_path / "next")
        assert package.checker == CheckerFlags()
        assert package.warnings == []

    @pytest.mark.parametrize(
        "yaml",
        ["grader_flags: always_accept", "grader_flags: accept_if_any_accepted min", "grader_flags: ignore_sample"],
    )
    def test_what_would_change_a_verdict_is_refused(self, tmp_path: Path, yaml: str) -> None:
        with pytest.raises(PackageError, match=r"data/secret/testdata.yaml: the grader's flag \w+ is not supported"):
            read(legacy() | {"data/secret/testdata.yaml": yaml}, tmp_path / "next")

    @pytest.mark.parametrize("path", ["data/secret/test_group.yaml", "data/secret/1.yaml"])
    def test_keys_that_nobody_knows_are_told(self, tmp_path: Path, path: str) -> None:
        package = read(dated() | {path: "verdict_aggregation: any\n"}, tmp_path / "next")
        assert package.warnings == [f"{path}: verdict_aggregation is not known and was passed over"]
