"""`script/check`: style, types, import direction, security, settings and migrations."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping

from launcher import audit, bundle, messages
from launcher.console import Console, Failure
from launcher.home import ROOT
from launcher.services import MANAGE

PYTHON = [sys.executable, "-m"]
AUDIT = "known vulnerabilities of dependencies"
TRANSLATIONS = "translations"
BUNDLE = "the editor's bundle"
CHECKS = {
    "ruff check": [*PYTHON, "ruff", "check", "."],
    "ruff format": [*PYTHON, "ruff", "format", "--check", "."],
    "mypy --strict": [*PYTHON, "mypy", "."],
    "bandit": [*PYTHON, "bandit", "--quiet", "--recursive", "--configfile", "pyproject.toml", "."],
    "import direction": [*PYTHON, "pytest", "--quiet", "tests/test_imports.py"],
    "settings, as in production": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
}


def check(console: Console) -> int:
    """Run every check, also after one that failed. 1 if any did."""
    with tempfile.TemporaryDirectory(prefix="verdict-check-") as var:
        env = {
            **os.environ,
            "VERDICT_VAR": var,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "BEHIND_TLS": "1",
            "TRUSTED_PROXIES": "127.0.0.1",
            "DEBUG": "0",
        }
        failed = [name for name, command in CHECKS.items() if not _passes(name, command, env, console)]
    if not _is_translated(console):
        failed.append(TRANSLATIONS)
    if not _has_no_known_vulnerability(console):
        failed.append(AUDIT)
    if not _has_current_bundle(console):
        failed.append(BUNDLE)
    if failed:
        console.say(f"✗ {', '.join(failed)}: see above.")
    return 1 if failed else 0


def _passes(name: str, command: list[str], env: Mapping[str, str], console: Console) -> bool:
    with console.step(name) as step:
        done = subprocess.run(command, env=env, cwd=ROOT, check=False, capture_output=True, text=True)
        step.note = "FAILED" if done.returncode else ""
    if done.returncode:
        console.say((done.stdout + done.stderr).strip())
    return done.returncode == 0


def _is_translated(console: Console) -> bool:
    found: list[str] = []
    with console.step(TRANSLATIONS) as step:
        if messages.is_possible():
            try:
                found = messages.wanting()
            except Failure as error:
                found = [str(error)]
            step.note = "FAILED" if found else ""
        else:
            step.note = f"skipped: there is no gettext (apt-get install {messages.PACKAGE})"
    for line in found:
        console.say(line)
    return not found


def _has_no_known_vulnerability(console: Console) -> bool:
    found: list[str] = []
    with console.step(AUDIT) as step:
        try:
            found = audit.vulnerable()
            step.note = "FAILED" if found else ""
        except audit.Unreachable:
            step.note = "skipped: their database can't be reached"
        except audit.Failed as error:
            step.note, found = "FAILED", [f"pip-audit could not look: {error}"]
    for line in found:
        console.say(line)
    return not found


def _has_current_bundle(console: Console) -> bool:
    trouble = ""
    with console.step(BUNDLE) as step:
        try:
            if not bundle.is_current():
                trouble = f"{bundle.BUILT} is not what frontend/ makes: npm ci && npm run build"
        except bundle.Skipped as why:
            step.note = f"skipped: {why}"
        except bundle.Failed as error:
            trouble = str(error)
        if trouble:
            step.note = "FAILED"
    if trouble:
        console.say(trouble)
    return not trouble
