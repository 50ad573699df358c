"""Every language in its real image. An image that isn't built fails its tests: `python -m runner_image.build NAME`."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from execution.languages import LANGUAGES, Language
from execution.sandbox.interface import Exceeded, Limits, Profile, RunReport
from execution.sandbox.pool import Pool

pytestmark = pytest.mark.docker

CASES = Path(__file__).parent.parent / "cases" / "languages"
COMPILE = Limits(cpu_ms=10_000, wall_ms=30_000, memory_kb=None, output_bytes=64 * 1024, artifact_bytes=64 << 20)
DEPTHS = {"go": 300_000, "java": 500_000, "javascript": 200_000, "pypy3": 100_000, "python3": 100_000}
SHAPES = {
    "c": ("one", "many", "children"),
    "python3": ("one", "many", "children"),
    "javascript": ("one", "many", "buffers"),
}
MEMORY = [(language, shape) for language in LANGUAGES for shape in SHAPES.get(language, ("one", "many"))]


def words(template: Sequence[str], language: Language, names: Collection[str], memory_mb: int = 0) -> list[str]:
    """A command of the table with its placeholders filled in."""
    sources = sorted(name for name in names if name.endswith(language.extensions))
    entry = str(language.entry(names))
    command: list[str] = []
    for word in template:
        filled = word.replace("{entry}", entry).replace("{memory_mb}", str(memory_mb))
        command += sources if word == "{sources}" else [filled]
    return command


def compiled(pool: Pool, language: Language, files: dict[str, bytes]) -> RunReport:
    """What the compiler makes of the files; what the check says where nothing is compiled."""
    with pool.lease(Profile(language.image, 512 * 1024)) as sandbox:
        sandbox.load(files)
        return sandbox.run(words(language.compile or language.check, language, files), b"", COMPILE)


def run(pool: Pool, language: Language, files: dict[str, bytes], stdin: bytes = b"", memory_mb: int = 128) -> RunReport:
    """Compile the files if need be, and run the program."""
    program, command = files, words(language.run, language, files, memory_mb)
    if language.compile:
        report = compiled(pool, language, files)
        assert report.exit_code == 0, report.stderr.decode()
        program = dict(report.artifacts)
    limit = language.memory_limit_kb(memory_mb * 1024)
    with pool.lease(Profile(language.image, limit)) as sandbox:
        sandbox.load(program, executable=bool(language.compile))
        return sandbox.run(command, stdin, Limits(10_000, 40_000, limit, 1 << 20))


def case(language: Language, name: str) -> dict[str, bytes]:
    """The case's program under the language's usual name; all files of a directory."""
    directory = CASES / language.id / name
    if directory.is_dir():
        return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    (path,) = (CASES / language.id).glob(f"{name}.*")
    return {language.source_name: path.read_bytes()}


def ran_out_of_memory(language: Language, report: RunReport) -> bool:
    said = report.exit_code != 0 and any(words in report.stderr for words in language.out_of_memory)
    return report.exceeded is Exceeded.MEMORY or said


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return LANGUAGES[request.param]


def test_the_self_test_runs(pool: Pool, language: Language) -> None:
    report = run(pool, language, {language.source_name: language.self_test.encode()}, b"41\n")
    assert (report.stdout, report.exit_code) == (b"42\n", 0), report.stderr.decode()


def test_the_compilers_words_are_told(pool: Pool, language: Language) -> None:
    report = compiled(pool, language, case(language, "broken"))
    assert report.exit_code
    told = report.stdout + report.stderr
    assert language.source_name.encode() in told
    assert b"undefined_name" in told or b"SyntaxError" in told


def test_a_program_of_several_files(pool: Pool, language: Language) -> None:
    assert run(pool, language, case(language, "two")).stdout == b"42\n"


def test_a_megabyte_of_input_text_that_is_not_ascii_and_the_exit_code(pool: Pool, language: Language) -> None:
    report = run(pool, language, case(language, "text"), b"12345\n" * 170_000)
    assert (report.stdout.decode(), report.exit_code) == ("Grüße 你好 🙂 2098650000\n", 3)


def test_deep_recursion(pool: Pool, language: Language) -> None:
    depth = DEPTHS.get(language.id, 1_000_000)
    report = run(pool, language, case(language, "depth"), b"%d\n" % depth, 256)
    assert report.stdout == b"%d\n" % depth, report.stderr.decode()


@pytest.mark.parametrize(("name", "shape"), MEMORY)
def test_the_memory_limit(pool: Pool, name: str, shape: str) -> None:
    language = LANGUAGES[name]
    program = case(language, "memory")
    below, above = (b"%s %d\n" % (shape.encode(), 128 * 1024 * percent // 1600 * 16) for percent in (90, 110))
    report = run(pool, language, program, below)
    assert (report.stdout, report.exit_code, report.exceeded) == (b"held\n", 0, None), report.stderr.decode()
    assert ran_out_of_memory(language, run(pool, language, program, above))


BOMBS = {
    "template": ("cpp", "template<int N> struct A { A<N + 1> a; }; A<0> a; int main() {}"),
    "random": ("c", '#include "/dev/urandom"\n'),
    "zero": ("c", '#include "/dev/zero"\n'),
    "initialiser": ("c", "int a[1 << 28] = {1}; int main(void) { return a[0]; }"),
    "incbin": ("c", '__asm__(".incbin \\"/dev/zero\\""); int main(void) {}'),
    "macro": (
        "c",
        "#define A0 x+x+x+x+x+x+x+x\n"
        + "".join(f"#define A{i + 1} {f'A{i} ' * 10}\n" for i in range(9))
        + "int a = A9;",
    ),
    "messages": (
        "c",
        '#define W _Pragma("GCC warning \\"w\\"")\n' + "int f(void) { return y; }\n" * 20 + '#include "main.c"\n',
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_compile_bombs_are_compile_errors(pool: Pool, name: str) -> None:
    """They end within the limits, and leave no program."""
    language = LANGUAGES[BOMBS[name][0]]
    report = compiled(pool, language, {language.source_name: BOMBS[name][1].encode()})
    assert report.exceeded is not None or report.exit_code != 0
    assert not report.artifacts
    assert report.wall_ms < 31_000


def test_files_of_the_image_may_be_included(pool: Pool) -> None:
    """Nothing in the image is secret."""
    report = compiled(pool, LANGUAGES["c"], {"main.c": b'__asm__(".incbin \\"/etc/passwd\\""); int main(void) {}'})
    assert report.exit_code == 0
