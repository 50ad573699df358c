"""Looking for known vulnerabilities: found, none, and nobody there to ask."""

import io
import json
import subprocess
from typing import Any

import pytest

from launcher import audit, checking
from launcher.console import Console

FLAW = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "aliases": [], "description": ""}
FLAWED = {"name": "sample", "version": "1.0", "vulns": [FLAW]}
SOUND = {"name": "other", "version": "2.0", "vulns": []}
UNKNOWN = {"name": "sample", "skip_reason": "not found"}


def answer(monkeypatch: pytest.MonkeyPatch, stdout: str, error: Exception | None = None) -> None:
    def run(argv: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if error:
            raise error
        return subprocess.CompletedProcess(argv, 1, stdout, "")

    monkeypatch.setattr("launcher.audit.subprocess.run", run)


def outcome(monkeypatch: pytest.MonkeyPatch, *packages: dict[str, Any]) -> tuple[bool, str]:
    answer(monkeypatch, json.dumps({"dependencies": packages, "fixes": []}))
    stream = io.StringIO()
    return checking._has_no_known_vulnerability(Console(stream)), stream.getvalue()


def test_a_known_vulnerability_fails_the_check_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, told = outcome(monkeypatch, SOUND, FLAWED, UNKNOWN)
    assert not passed
    assert "sample 1.0: PYSEC-2026-1, mended in 1.1" in told


def test_none_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, told = outcome(monkeypatch, SOUND, UNKNOWN)
    assert passed
    assert "skipped" not in told


def test_a_mirror_that_knows_of_none_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, told = outcome(monkeypatch, UNKNOWN)
    assert passed
    assert "can't be reached" in told


@pytest.mark.parametrize("error", [None, subprocess.TimeoutExpired("pip-audit", 1)])
def test_offline_nothing_fails(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> None:
    answer(monkeypatch, "", error)
    with pytest.raises(audit.Unreachable):
        audit.vulnerable()
