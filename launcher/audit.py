"""Looks our dependencies up in the database of known vulnerabilities, where that can be reached."""

import json
import re
import subprocess
import sys
from typing import Any

from launcher.home import ROOT

COMMAND = [sys.executable, "-m", "pip_audit", "--requirement", "requirements-dev.txt", "--no-deps", "--disable-pip"]
QUIETLY = ["--format", "json", "--progress-spinner", "off", "--timeout", "5"]
PATIENCE_SECONDS = 120


# What pip-audit, or the library beneath, says of a network that isn't there; its exit status is the same for all.
_RAISED = r"requests\.exceptions\.(Connection|Connect|Read|Proxy|SSL|HTTPError: 5\d\d)"
OFFLINE = re.compile(rf"Could not connect|not redirecting properly|{_RAISED}")


class Unreachable(Exception):
    """Nobody can be asked: that says nothing about us."""


class Failed(Exception):
    """It could not look, and not for want of a network: with what it said."""


def vulnerable() -> list[str]:
    """What is wrong with which package, a line each. Raises Unreachable and Failed."""
    try:
        done = subprocess.run(
            [*COMMAND, *QUIETLY], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise Unreachable from error
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable if OFFLINE.search(done.stderr) else Failed(done.stderr[-2000:]) from error
    known = [package for package in packages if "vulns" in package]
    if not known:  # a mirror that has packages and nothing else
        raise Unreachable
    return [_told(package, vulnerability) for package in known for vulnerability in package["vulns"]]


def _told(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    mended = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {mended}"
