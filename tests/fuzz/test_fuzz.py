"""Some seconds of fuzzing in each run of the tests, and the proof that it finds what there is to find."""

import importlib.util
import sys
import tempfile
from pathlib import Path

import pytest

from tests.fuzz import frames, targets

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris has no wheel for this platform; requirements-dev.txt says where it has one",
)


@pytest.fixture(autouse=True)
def _what_is_found_stays_with_the_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.parametrize("target", sorted(targets.TARGETS))
def test_nothing_is_found(target: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert frames.fuzz(target, seconds=5) == 0
    assert "Done " in capfd.readouterr().err, "it did run"
    assert not list(tmp_path.iterdir()), "it tidies up"


@pytest.mark.parametrize(
    ("bug", "target"),
    [("any number", "host"), ("any JSON", "host"), ("any JSON", "agent"), ("any name", "agent")],
)
def test_a_planted_bug_is_found(bug: str, target: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """And its example, tried again, shows it again, but not once it is mended."""
    planted = (sys.executable, "-m", "tests.fuzz.planted", bug)
    assert frames.fuzz(target, seconds=100, fuzzer=planted) != 0
    assert "Uncaught Python exception" in "".join(capfd.readouterr())
    [example] = tmp_path.rglob("crash-*")
    assert frames.fuzz(target, seconds=60, example=example, fuzzer=planted) != 0
    assert frames.fuzz(target, seconds=60, example=example) == 0
