from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from execution.checkers import checker
from execution.engine import Job, Outcome, Test, wall_limit_ms
from execution.languages import LANGUAGES
from execution.sandbox.fake import Handler, report
from execution.sandbox.interface import Exceeded, Limits, RunReport, SandboxBroken
from execution.verdicts import Verdict
from problems.content import CheckerFlags
from tests.execution.programs import Judge, on_tests

LIMITS = Limits(cpu_ms=1000, wall_ms=5000, memory_kb=65536, output_bytes=1024)  # of memory, 52 MiB and the grant


@pytest.fixture
def tests(tmp_path: Path) -> list[Test]:
    """Three tests whose right output is the input."""
    made = []
    for number in (1, 2, 3):
        answer = tmp_path / f"{number}.ans"
        answer.write_bytes(b"%d\n" % number)
        is_sample = number == 1
        made.append(Test(number, b"%d\n" % number, answer, is_sample, checker(CheckerFlags())))
    return made


def run(handler: Handler, tests: Sequence[Test], files: Mapping[str, bytes] | None = None) -> Outcome:
    return Judge(handler)(Job(LANGUAGES["python3"], files or {"main.py": b"x"}, tests, LIMITS, memory_mb=52))


def test_all_right_is_accepted_with_the_worst_time_and_memory(tests: list[Test]) -> None:
    outcome = run(on_tests(lambda stdin: report(stdin, cpu_ms=int(stdin) * 10, memory_kb=100 * int(stdin))), tests)
    assert (outcome.verdict, outcome.time_ms, outcome.memory_kb) == (Verdict.AC, 30, 300)
    assert [test.verdict for test in outcome.tests] == [Verdict.AC] * 3


@pytest.mark.parametrize(
    ("given", "verdict", "detail"),
    [
        (report(b"4"), Verdict.WA, ""),
        (report(exit_code=3), Verdict.RE, "exit code 3"),
        (report(exit_code=None, signal=11), Verdict.RE, "SIGSEGV"),
        (report(exit_code=None, signal=64), Verdict.RE, "SIGRTMAX"),
        (report(exit_code=None, signal=99), Verdict.RE, "signal 99"),
        (report(exit_code=None, signal=9, exceeded=Exceeded.CPU), Verdict.TLE, ""),
        (report(exit_code=None, signal=9, exceeded=Exceeded.WALL), Verdict.TLE, "wall clock"),
        (report(exit_code=None, signal=9, exceeded=Exceeded.MEMORY), Verdict.MLE, ""),
        (report(exit_code=None, signal=9, exceeded=Exceeded.OUTPUT), Verdict.OLE, ""),
        (report(b"1", cpu_ms=1001), Verdict.TLE, ""),
        (report(b"1", memory_kb=65537), Verdict.MLE, ""),
        (report(b"1", cpu_ms=1000, memory_kb=65536), Verdict.AC, ""),
    ],
)
def test_each_report_has_its_verdict(given: RunReport, verdict: Verdict, detail: str, tests: list[Test]) -> None:
    [outcome] = run(on_tests(given), tests[:1]).tests
    assert (outcome.verdict, outcome.detail) == (verdict, detail)


def test_the_first_failing_test_decides(tests: list[Test]) -> None:
    outcome = run(on_tests(lambda stdin: report(exit_code=1) if stdin == b"3\n" else report(b"1")), tests)
    assert outcome.verdict is Verdict.WA
    assert [test.verdict for test in outcome.tests] == [Verdict.AC, Verdict.WA, Verdict.RE]


@pytest.mark.parametrize("limit", list(Exceeded))
def test_nothing_is_run_after_a_test_that_used_a_limit_up(limit: Exceeded, tests: list[Test]) -> None:
    outcome = run(on_tests(report(exit_code=None, signal=9, exceeded=limit)), tests)
    assert len(outcome.tests) == 1


def test_what_does_not_compile_is_not_run(tests: list[Test]) -> None:
    outcome = run(lambda *_: report(exit_code=1, stderr=b"SyntaxError: \xff"), tests)
    assert outcome == Outcome(Verdict.CE, [], "SyntaxError: \N{REPLACEMENT CHARACTER}")


def test_a_compiler_that_uses_too_much_is_a_compile_error(tests: list[Test]) -> None:
    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        return report(exit_code=None, signal=9, exceeded=Exceeded.CPU) if "-c" in argv else report(exit_code=1)

    outcome = run(handler, tests)
    assert outcome.verdict is Verdict.CE
    assert "10 s of CPU" in outcome.compile_output


def test_a_crash_later_on_is_no_matter_for_the_compiler(tests: list[Test]) -> None:
    commands: list[str] = []

    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        commands.append(argv[1])
        return report(exit_code=1) if stdin == b"2\n" else report(stdin)

    assert run(handler, tests).verdict is Verdict.RE
    assert commands == ["main.py"] * 3


def test_a_signal_is_no_matter_for_the_compiler(tests: list[Test]) -> None:
    assert run(lambda *_: report(exit_code=None, signal=11), tests).verdict is Verdict.RE


def test_a_silent_compiler_is_spoken_for(tests: list[Test]) -> None:
    assert run(lambda *_: report(exit_code=2), tests).compile_output == "The compiler ended with exit code 2."


def test_a_program_without_an_entry_does_not_compile(tests: list[Test]) -> None:
    assert run(on_tests(report()), tests, {"readme.txt": b"?"}).verdict is Verdict.CE


def test_output_is_kept_of_samples_only(tests: list[Test]) -> None:
    outcome = run(on_tests(lambda stdin: report(stdin, stderr=b"?")), tests)
    assert [(test.stdout, test.stderr) for test in outcome.tests] == [(b"1\n", b"?"), (b"", b""), (b"", b"")]


def test_a_run_is_judged_against_nothing() -> None:
    outcome = run(on_tests(report(b"anything")), [Test(1, b"", None)])
    assert (outcome.verdict, outcome.tests[0].stdout) == (Verdict.AC, b"anything")


def test_our_own_fault_is_no_verdict(tests: list[Test]) -> None:
    def fails(stdin: bytes) -> RunReport:
        raise SandboxBroken("the container died")

    with pytest.raises(SandboxBroken):
        run(on_tests(fails), tests)


def test_an_answer_never_enters_the_sandbox(tests: list[Test]) -> None:
    seen: list[bytes] = []

    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        seen.extend([*files.values(), stdin, *(part.encode() for part in argv)])
        return report()

    assert tests[0].answer is not None
    tests[0].answer.write_bytes(b"the secret answer")
    run(handler, tests)
    assert not any(b"secret answer" in piece for piece in seen)


def test_the_wall_limit_leaves_room_for_the_quota() -> None:
    assert wall_limit_ms(1000, 0.5) == 5000
    assert wall_limit_ms(1000, 1.0) == 3000
    assert wall_limit_ms(1000, 2.0) == 3000


def test_the_entry_is_found() -> None:
    python = LANGUAGES["python3"]
    assert python.entry(["b.py", "main.py"]) == "main.py"
    assert python.entry(["b.py", "a.py", "notes.txt"]) == "a.py"
    assert python.entry(["notes.txt"]) is None
