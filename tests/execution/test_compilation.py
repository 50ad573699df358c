from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from execution import compilation
from execution.compilation import CompileError, Compiler, Program
from execution.engine import Job, Test
from execution.languages import LANGUAGES, Language
from execution.sandbox.fake import FakePool, Handler, report
from execution.sandbox.interface import Exceeded, Limits, Profile, RunReport, SandboxBroken
from execution.verdicts import Verdict
from tests.execution.programs import Judge, Memory, new_compiler

CPP = LANGUAGES["cpp"]
FILES = {"main.cpp": b"int main() {}", "b.cc": b"int b;", "b.h": b"extern int b;"}
LIMITS = Limits(cpu_ms=1000, wall_ms=5000, memory_kb=68 * 1024, output_bytes=1024)


def compiles(artifacts: Mapping[str, bytes], runs: RunReport | None = None) -> Handler:
    """A compiler that leaves these, and a program of which comes that."""

    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        return report(artifacts=artifacts) if limits.artifact_bytes else runs or report(b"42")

    return handler


def words_of(given: RunReport) -> str:
    with pytest.raises(CompileError) as caught:
        new_compiler(FakePool(lambda *_: given)).program(CPP, FILES)
    return str(caught.value)


def test_a_compiler_gets_the_sources_in_a_sandbox_of_its_own() -> None:
    seen: list[tuple[Mapping[str, bytes], list[str], bytes, Limits]] = []

    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        seen.append((files, list(argv), stdin, limits))
        return report(artifacts={"program": b"ELF"})

    pool = FakePool(handler)
    program = new_compiler(pool).program(CPP, FILES)
    assert program == Program(CPP, {"program": b"ELF"}, "b.cc")
    assert program.is_executable
    [(files, argv, stdin, limits)] = seen
    assert (files, stdin, limits) == (FILES, b"", compilation.LIMITS)
    assert [word for word in argv if "." in word] == ["b.cc", "main.cpp"]
    assert pool.leased == [Profile("cpp", 512 * 1024)]


def test_the_compilers_words_are_kept() -> None:
    assert words_of(report(b"out ", exit_code=1, stderr=b"error: \xff")) == "out error: \N{REPLACEMENT CHARACTER}"
    assert words_of(report(exit_code=3)) == "The compiler ended with exit code 3."
    assert words_of(report(exit_code=None, signal=11)) == "The compiler ended with SIGSEGV."
    assert words_of(report()) == "The compiler left no program."


@pytest.mark.parametrize(
    ("limit", "words"), [("cpu", "10 s of CPU"), ("wall", "30 s"), ("memory", "memory"), ("output", "too much")]
)
def test_a_limit_that_it_exceeded_is_said(limit: str, words: str) -> None:
    got = words_of(report(exit_code=None, signal=9, exceeded=Exceeded(limit), stderr=b"note: so far"))
    assert "The compiler was stopped" in got
    assert words in got
    assert got.endswith("note: so far")


def test_its_words_are_bounded() -> None:
    assert len(words_of(report(b"x" * 10**6, exit_code=1))) == compilation.MAX_WORDS


def test_our_own_fault_is_no_compile_error() -> None:
    def handler(*_: object) -> RunReport:
        raise SandboxBroken("it died")

    with pytest.raises(SandboxBroken):
        new_compiler(FakePool(handler)).program(CPP, FILES)


class TestRemembering:
    def test_the_same_is_compiled_once(self) -> None:
        pool = FakePool(compiles({"program": b"ELF"}))
        compiler = new_compiler(pool)
        assert compiler.program(CPP, FILES) == compiler.program(CPP, dict(reversed(FILES.items())))
        assert len(pool.leased) == 1

    @pytest.mark.parametrize(
        ("language", "files"),
        [
            (replace(CPP, id="c++17"), FILES),
            (replace(CPP, compile=(*CPP.compile, "-O3")), FILES),
            (replace(CPP, image="other"), FILES),
            (CPP, FILES | {"b.h": b"extern long b;"}),
            (CPP, FILES | {"c.h": b""}),
        ],
    )
    def test_what_differs_is_compiled_again(self, language: Language, files: dict[str, bytes]) -> None:
        pool = FakePool(compiles({"program": b"ELF"}))
        compiler = new_compiler(pool)
        compiler.program(CPP, FILES)
        compiler.program(language, files)
        assert len(pool.leased) == 2

    def test_another_entry_is_another_program_where_it_matters(self) -> None:
        pool = FakePool(compiles({"program": b"ELF"}))
        compiler = new_compiler(pool)
        for entry in ("main.rs", "other.rs"):
            compiler.program(LANGUAGES["rust"], {"main.rs": b"", "other.rs": b""}, entry)
        assert len(pool.leased) == 2

    def test_a_failure_is_not_kept(self) -> None:
        pool = FakePool(lambda *_: report(exit_code=1))
        compiler = new_compiler(pool)
        for _ in range(2):
            with pytest.raises(CompileError):
                compiler.program(CPP, FILES)
        assert len(pool.leased) == 2

    def test_a_new_image_compiles_anew(self) -> None:
        pool, store = FakePool(compiles({"program": b"ELF"})), Memory()
        for tag in ("old", "new"):
            Compiler(pool, store, lambda image, tag=tag: tag).program(CPP, FILES)  # type: ignore[misc]
        assert len(pool.leased) == 2


class TestSources:
    def test_a_single_file_has_the_usual_name(self) -> None:
        program = new_compiler(FakePool(compiles({}))).program(LANGUAGES["python3"], {"solution.py": b"x"})
        assert program.files == {"main.py": b"x"}
        assert program.command(64) == ["python3", "main.py"]
        assert not program.is_executable

    def test_several_keep_theirs(self) -> None:
        files = {"a.py": b"import b", "b.py": b""}
        compiler = new_compiler(FakePool(compiles({})))
        assert compiler.program(LANGUAGES["python3"], files).command(64) == ["python3", "a.py"]
        assert compiler.program(LANGUAGES["python3"], files, "b.py").command(64) == ["python3", "b.py"]

    def test_none_that_fits_is_a_compile_error(self) -> None:
        with pytest.raises(CompileError, match=r"No file is a C\+\+ program"):
            new_compiler(FakePool(compiles({}))).program(CPP, {"readme.txt": b"?"})

    def test_placeholders_are_filled_in_once(self) -> None:
        language = replace(LANGUAGES["python3"], run=("x", "-m{memory_mb}m", "{entry}"))
        assert Program(language, {}, "{memory_mb}.py").command(64) == ["x", "-m64m", "{memory_mb}.py"]

    @pytest.mark.parametrize(("memory_mb", "young"), [(8, "1"), (16, "1"), (64, "4"), (128, "8"), (1024, "8")])
    def test_young_objects_get_a_sixteenth(self, memory_mb: int, young: str) -> None:
        language = replace(LANGUAGES["javascript"], run=("node", "--young={young_mb}", "{memory_mb}"))
        assert Program(language, {}, "").command(memory_mb) == ["node", f"--young={young}", str(memory_mb)]


class TestRunning:
    def judge(self, artifact: bytes, runs: RunReport | None = None) -> tuple[Verdict, list[Profile]]:
        judge = Judge(compiles({"program": artifact}, runs))
        outcome = judge(Job(CPP, FILES, [Test(1, b"", None)], LIMITS, memory_mb=64))
        return outcome.verdict, judge.pool.leased

    def test_it_runs_where_the_program_gets_its_limit_and_the_grant(self) -> None:
        verdict, leased = self.judge(b"ELF")
        assert verdict is Verdict.AC
        assert leased[1:] == [Profile("cpp", 64 * 1024 + CPP.memory_extra_kb)]

    def test_large_programs_take_memory_in_steps(self) -> None:
        _, [_, small] = self.judge(b"x" * (4 << 20))
        _, [_, large] = self.judge(b"x" * (4 << 20) + b"x")
        _, [_, larger] = self.judge(b"x" * (16 << 20) + b"x")
        assert small.memory_kb is not None
        assert large.memory_kb == small.memory_kb + 16 * 1024
        assert larger.memory_kb == small.memory_kb + 32 * 1024

    def test_what_does_not_compile_is_not_run(self) -> None:
        judge = Judge(lambda *_: report(exit_code=1, stderr=b"no"))
        outcome = judge(Job(CPP, FILES, [Test(1, b"", None)], LIMITS, memory_mb=64))
        assert (outcome.verdict, outcome.compile_output, len(judge.pool.leased)) == (Verdict.CE, "no", 1)

    def test_the_run_times_own_words_tell_that_memory_was_used_up(self) -> None:
        java, words = LANGUAGES["java"], b"java.lang.OutOfMemoryError: Java heap space"
        for given, verdict in [
            (report(exit_code=1, stderr=b"Exception: " + words), Verdict.MLE),
            (report(exit_code=None, signal=6, stderr=words), Verdict.MLE),
            (report(exit_code=1, stderr=b"?"), Verdict.RE),
            (report(stderr=words), Verdict.AC),
        ]:
            judge = Judge(compiles({"program.jar": b"PK"}, given))
            job = Job(java, {"Main.java": b""}, [Test(1, b"", None)], replace(LIMITS, memory_kb=None), memory_mb=64)
            assert judge(job).verdict is verdict
