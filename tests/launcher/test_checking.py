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


def answer(monkeypatch: pytest.MonkeyPatch, stdout: str, error: Exception | None = None, stderr: str = "") -> None:
    def run(argv: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        if error:
            raise error
        return subprocess.CompletedProcess(argv, 1, stdout, stderr)

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


OFFLINE = [
    "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
    "Traceback\nrequests.exceptions.ConnectionError: HTTPSConnectionPool(host='x', port=443): Max retries exceeded",
    "Traceback\nrequests.exceptions.ReadTimeout: HTTPSConnectionPool(host='x', port=443): Read timed out.",
    "Traceback\nrequests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://x/",
]


@pytest.mark.parametrize("stderr", OFFLINE)
def test_offline_nothing_fails(monkeypatch: pytest.MonkeyPatch, stderr: str) -> None:
    answer(monkeypatch, "", stderr=stderr)
    with pytest.raises(audit.Unreachable):
        audit.vulnerable()


def test_one_that_never_ends_is_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "", subprocess.TimeoutExpired("pip-audit", 1))
    with pytest.raises(audit.Unreachable):
        audit.vulnerable()


@pytest.mark.parametrize("stdout", ["", "{}", "[]"])
@pytest.mark.parametrize(
    "stderr", ["", "No module named pip_audit", "ERROR:pip_audit._cli:requirement x is not pinned"]
)
def test_whatever_else_goes_wrong_fails_the_check_and_is_told(
    monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str
) -> None:
    answer(monkeypatch, stdout, stderr=stderr)
    stream = io.StringIO()
    assert not checking._has_no_known_vulnerability(Console(stream))
    assert f"could not look: {stderr}" in stream.getvalue()
