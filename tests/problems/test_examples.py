"""The example problems: sound packages, whose answers and tags hold on this machine, without a sandbox."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from execution.checkers import checker
from problems.content import JuryProgram, TestCase
from problems.package import opening, reader
from problems.package.reader import Package

EXAMPLES = sorted(path.parent for path in Path(__file__).parents[2].glob("examples/*/problem.yaml"))
VALID = 42  # how input validators end
SLOW = "time_limit_exceeded", "brute_force"  # these run for minutes

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)


def package_of(example: Path) -> Package:
    with opening.opened(example, example.parent, 1 << 30) as tree:
        return reader.read(tree)


def test_there_are_six_from_small_to_large() -> None:
    sizes = {path.name: sum(test.input_bytes for test in package_of(path).tests) for path in EXAMPLES}
    assert len(sizes) == 6
    assert sizes["aplusb"] < 1000
    assert sizes["busiesthours"] > 1_000_000
    assert len(package_of(Path(EXAMPLES[0])).tests) == 10


def test_they_show_what_the_format_can_do() -> None:
    packages = [package_of(path) for path in EXAMPLES]
    assert {package.package_format for package in packages} == {"legacy", "2025-09"}
    assert {statement.language for package in packages for statement in package.statements} == {"de", "en", "zh"}
    assert any(package.limits.time_ms is None for package in packages), "one has its time limit measured"
    assert any(package.checker.float_absolute_tolerance for package in packages)
    assert any(asset.content_type == "image/svg+xml" for package in packages for asset in package.assets)
    assert any(test.description and test.name.count("/") > 2 for package in packages for test in package.tests)
    assert any(len(program.files) > 1 for package in packages for program in package.jury)
    assert any(len(program.rules) > 1 for package in packages for program in package.jury)


@each_example
def test_it_is_read_without_a_note(example: Path) -> None:
    package = package_of(example)
    assert package.warnings == []
    assert {"accepted", "wrong_answer", "run_time_error"} <= {program.expected for program in package.jury}
    assert {program.expected for program in package.jury} & set(SLOW)
    assert {program.language for program in package.jury} == {"python3"}
    assert package.credits.license == "cc by-sa"
    assert max(test.input_bytes for test in package.tests) < 1_000_000


@each_example
def test_its_validator_takes_every_input_and_no_other(example: Path) -> None:
    validator = [sys.executable, str(example / "input_validators/validate.py")]
    for path in sorted(example.glob("data/**/*.in")):
        with path.open("rb") as given:
            assert subprocess.run(validator, stdin=given, check=False).returncode == VALID, path.name
        spoilt = path.read_bytes() + b"one line more\n"
        assert subprocess.run(validator, input=spoilt, capture_output=True, check=False).returncode != VALID, path.name


@each_example
def test_its_generator_makes_the_same_inputs_again(example: Path, tmp_path: Path) -> None:
    generators = sorted(example.glob("generators/*.py"))
    for generator in generators:
        subprocess.run([sys.executable, str(generator)], cwd=tmp_path, check=True)
    for made in tmp_path.glob("data/**/*.in"):
        assert made.read_bytes() == (example / made.relative_to(tmp_path)).read_bytes(), made.name
    assert any(tmp_path.glob("data/**/*.in")) is bool(generators)


@each_example
def test_its_programs_do_as_they_are_tagged(example: Path, tmp_path: Path) -> None:
    package = package_of(example)
    for number, program in enumerate(program for program in package.jury if program.expected not in SLOW):
        folder = tmp_path / str(number)
        _unpack(package, program, folder)
        verdicts = {test.number: _verdict(package, program, test, folder) for test in package.tests}
        assert program.is_met_by(verdicts), (program.path, verdicts)


def _unpack(package: Package, program: JuryProgram, folder: Path) -> None:
    folder.mkdir()
    for name, blob in program.files.items():
        (folder / name).write_bytes(package.blobs.head(blob, 1 << 20))


def _verdict(package: Package, program: JuryProgram, test: TestCase, folder: Path) -> str:
    main = "main.py" if "main.py" in program.files else next(iter(program.files))
    given = package.blobs.head(test.input, 1 << 20)
    ran = subprocess.run([sys.executable, main], input=given, capture_output=True, cwd=folder, check=False)
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    if ran.returncode:
        return "RE"
    is_right = checker(test.checker or package.checker)
    return "AC" if is_right(ran.stdout, package.blobs.head(test.answer, 1 << 20)) else "WA"
