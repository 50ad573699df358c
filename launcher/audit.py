"""Looks our dependencies up in the database of known vulnerabilities, where that can be reached."""

import json
import subprocess
import sys
from typing import Any

from launcher.home import ROOT

COMMAND = [sys.executable, "-m", "pip_audit", "--requirement", "requirements-dev.txt", "--no-deps", "--disable-pip"]
QUIETLY = ["--format", "json", "--progress-spinner", "off", "--timeout", "5"]
PATIENCE_SECONDS = 120


class Unreachable(Exception):
    """Nobody can be asked: that says nothing about us."""


def vulnerable() -> list[str]:
    """What is wrong with which package, a line each. Raises Unreachable."""
    try:
        done = subprocess.run(
            [*COMMAND, *QUIETLY], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise Unreachable from error
    known = [package for package in packages if "vulns" in package]
    if not known:  # a mirror that has packages and nothing else
        raise Unreachable
    return [_told(package, vulnerability) for package in known for vulnerability in package["vulns"]]


def _told(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    mended = ", ".join(vulnerability["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {mended}"
