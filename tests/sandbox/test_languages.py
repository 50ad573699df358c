"""Every language in its real image. An image that isn't built fails its tests: `python -m runner_image.build NAME`."""

from pathlib import Path

import pytest

from execution.engine import TestOutcome
from execution.languages import LANGUAGES, Language
from execution.sandbox.pool import Pool
from execution.verdicts import Verdict
from tests.sandbox.judging import Judge

pytestmark = pytest.mark.docker

CASES = Path(__file__).parent.parent / "cases" / "languages"
DEPTHS = {"go": 300_000, "java": 500_000, "javascript": 200_000, "pypy3": 100_000, "python3": 100_000}
SHAPES = {
    "c": ("one", "many", "children"),
    "python3": ("one", "many", "children"),
    "javascript": ("one", "many", "buffers", "churn"),
}
MEMORY = [(language, shape) for language in LANGUAGES for shape in SHAPES.get(language, ("one", "many"))]


def case(language: Language, name: str) -> dict[str, bytes]:
    """The case's program under the language's usual name; all files below a directory, under their names there."""
    directory = CASES / language.id / name
    if directory.is_dir():
        paths = [path for path in directory.rglob("*") if path.is_file()]
        return {str(path.relative_to(directory)): path.read_bytes() for path in paths}
    (path,) = (CASES / language.id).glob(f"{name}.*")
    return {language.source_name: path.read_bytes()}


@pytest.fixture(scope="module")
def judge(pool: Pool) -> Judge:
    """One for all tests: each program is compiled once."""
    return Judge(pool)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return LANGUAGES[request.param]


def run(
    judge: Judge, language: Language, files: dict[str, bytes], stdin: bytes = b"", memory_mb: int = 128
) -> TestOutcome:
    """What became of the program on this input."""
    outcome = judge(language, files, stdin, memory_mb=memory_mb)
    assert outcome.verdict is not Verdict.CE, outcome.compile_output
    return outcome.tests[0]


def test_the_self_test_runs(judge: Judge, language: Language) -> None:
    ran = run(judge, language, {language.source_name: language.self_test.encode()}, b"41\n")
    assert (ran.stdout, ran.verdict) == (b"42\n", Verdict.AC), ran.stderr.decode()


def test_the_compilers_words_are_told(judge: Judge, language: Language) -> None:
    outcome = judge(language, case(language, "broken"))
    assert outcome.verdict is Verdict.CE
    assert language.source_name in outcome.compile_output
    assert "undefined_name" in outcome.compile_output or "SyntaxError" in outcome.compile_output


def test_a_program_of_several_files(judge: Judge, language: Language) -> None:
    assert run(judge, language, case(language, "two")).stdout == b"42\n"


@pytest.mark.parametrize("name", ["c", "cpp", "java", "javascript", "pypy3", "python3", "rust"])
def test_a_program_in_directories(judge: Judge, name: str) -> None:
    """Go's packages are directories, so its programs have none."""
    ran = run(judge, LANGUAGES[name], case(LANGUAGES[name], "directories"))
    assert (ran.stdout, ran.verdict) == (b"42\n", Verdict.AC), ran.stderr.decode()


def test_directories_of_go_are_a_compile_error_that_says_so(judge: Judge) -> None:
    outcome = judge(LANGUAGES["go"], case(LANGUAGES["go"], "directories"))
    assert outcome.verdict is Verdict.CE
    assert "named files must all be in one directory" in outcome.compile_output


def test_a_megabyte_of_input_text_that_is_not_ascii_and_the_exit_code(judge: Judge, language: Language) -> None:
    ran = run(judge, language, case(language, "text"), b"12345\n" * 170_000)
    assert (ran.stdout.decode(), ran.detail) == ("Grüße 你好 🙂 2098650000\n", "exit code 3")


def test_deep_recursion(judge: Judge, language: Language) -> None:
    depth = DEPTHS.get(language.id, 1_000_000)
    ran = run(judge, language, case(language, "depth"), b"%d\n" % depth, 256)
    assert ran.stdout == b"%d\n" % depth, ran.stderr.decode()


@pytest.mark.parametrize("name", [language.id for language in LANGUAGES.values() if language.out_of_memory])
def test_more_memory_than_there_could_be(judge: Judge, name: str) -> None:
    """The kernel or the run time refuses it, and the program ends by itself before it uses any."""
    kilobytes = {"java": 2_000_000, "javascript": 1 << 24}.get(name, 1 << 30)
    given = b"one %d\n" % kilobytes
    assert run(judge, LANGUAGES[name], case(LANGUAGES[name], "memory"), given).verdict is Verdict.MLE


@pytest.mark.parametrize("limit_mb", [64, 128, 256])
@pytest.mark.parametrize(("name", "shape"), MEMORY)
def test_the_memory_limit(judge: Judge, name: str, shape: str, limit_mb: int) -> None:
    """Live data of 90 % of the problem's limit passes, of 110 % does not."""
    language = LANGUAGES[name]
    program = case(language, "memory")
    below, above = (b"%s %d\n" % (shape.encode(), limit_mb * 1024 * percent // 1600 * 16) for percent in (90, 110))
    held = run(judge, language, program, below, limit_mb)
    assert (held.verdict, held.stdout) == (Verdict.AC, b"held\n"), held
    assert run(judge, language, program, above, limit_mb).verdict is Verdict.MLE
