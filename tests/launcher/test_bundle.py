"""Building the editor again: the same, another one, and no way to tell."""

import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from launcher import bundle, checking
from launcher.console import Console
from launcher.home import ROOT

Npm = Callable[..., None]


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Npm:
    """An npm that makes `built`, or fails in those words."""

    def installed(built: bytes = b"", fails: str = "") -> None:
        def run(command: list[str], cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
            if command == bundle.BUILD:
                assert (cwd / "frontend/editor.js").exists()
                (cwd / bundle.BUILT).parent.mkdir(parents=True)
                (cwd / bundle.BUILT).write_bytes(built)
            return subprocess.CompletedProcess(command, 1 if fails else 0, "", fails)

        monkeypatch.setattr("launcher.bundle.shutil.which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr("launcher.bundle.subprocess.run", run)

    return installed


def outcome() -> tuple[bool, str]:
    stream = io.StringIO()
    return checking._has_current_bundle(Console(stream)), stream.getvalue()


def test_the_same_passes(npm: Npm) -> None:
    npm((ROOT / bundle.BUILT).read_bytes())
    passed, told = outcome()
    assert passed
    assert "skipped" not in told


def test_another_one_fails_the_check_and_is_told(npm: Npm) -> None:
    npm(b"another")
    passed, told = outcome()
    assert not passed
    assert "npm ci && npm run build" in told


def test_what_can_not_be_built_fails_the_check_and_is_told(npm: Npm) -> None:
    npm(fails="Could not resolve codemirror")
    passed, told = outcome()
    assert not passed
    assert "npm ci --ignore-scripts --no-audit --no-fund: Could not resolve codemirror" in told


def test_offline_nothing_fails(npm: Npm) -> None:
    npm(fails="npm error code EAI_AGAIN")
    passed, told = outcome()
    assert passed
    assert "skipped: the packages can't be reached" in told


def test_without_npm_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.bundle.shutil.which", lambda _: None)
    passed, told = outcome()
    assert passed
    assert "skipped: there is no npm" in told


def test_packages_are_pinned_and_no_registry_is_named() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert "://" not in re.sub(r'"url": "[^"]*"', "", lock)
    package = json.loads((ROOT / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
