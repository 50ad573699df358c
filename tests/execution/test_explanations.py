"""What became of a program, in words for beginners."""

import signal

import pytest

from execution.compilation import ending
from execution.explanations import ending_explained, verdict_explained
from execution.languages import LANGUAGES
from execution.sandbox.fake import report
from execution.verdicts import Verdict

USUAL = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL", "SIGTRAP", "SIGKILL", "SIGSYS", "SIGPIPE", "SIGXFSZ")


@pytest.mark.parametrize("name", USUAL)
def test_the_usual_signals_are_explained(name: str) -> None:
    detail = ending(report(exit_code=None, signal=signal.Signals[name]))
    assert detail == name
    assert len(ending_explained(detail, "cpp")) > 20


@pytest.mark.parametrize(
    ("detail", "language", "words"),
    [
        ("SIGSEGV", "c", "memory that isn't its own"),
        ("SIGFPE", "cpp", "zero"),
        ("exit code 1", "python3", "exception was not caught"),
        ("exit code 1", "c", "let it return 0"),
        ("exit code 3", "python3", "ends with exit code 0"),
        ("exit code 101", "rust", "panicked"),
        ("exit code 101", "java", "ends with exit code 0"),
        ("exit code 2", "go", "panicked"),
        ("exit code 139", "no language", "SIGSEGV"),
        ("signal 64", "c", "ended by a signal"),
    ],
)
def test_endings_are_explained(detail: str, language: str, words: str) -> None:
    assert words in ending_explained(detail, language)


@pytest.mark.parametrize("detail", ["", "SIGHUP", "exit code x", "wall clock"])
def test_of_what_is_not_known_nothing_is_said(detail: str) -> None:
    assert ending_explained(detail, "c") == ""


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.AC])
def test_every_verdict_is_explained_in_every_language(verdict: Verdict) -> None:
    assert all(len(verdict_explained(verdict, "exit code 1", language)) > 20 for language in LANGUAGES)


def test_a_program_that_waited_is_not_told_to_be_faster() -> None:
    assert "waited" in verdict_explained(Verdict.TLE, "wall clock", "c")
    assert "fewer steps" in verdict_explained(Verdict.TLE, "", "c")


def test_a_crash_names_its_ending() -> None:
    assert verdict_explained(Verdict.RE, "SIGSEGV", "c").startswith(
        "It did not run to its end, but stopped with SIGSEGV. "
    )
    assert verdict_explained(Verdict.RE, "SIGHUP", "c").endswith("SIGHUP.")
