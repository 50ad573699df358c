"""Whether the editor that is committed is what its source and the packages of package-lock.json make."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from launcher.home import ROOT

BUILT = Path("static/vendor/editor/editor.min.js")
SOURCES = ["package.json", "package-lock.json", ".npmrc", "frontend"]
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
BUILD = ["npm", "run", "--silent", "build"]
SECONDS = 300
_OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EIDLETIMEOUT")


class Skipped(Exception):
    """It can't be built here: no npm, or nowhere to get packages from."""


class Failed(Exception):
    """It could not be built, and that is our fault."""


def is_current() -> bool:
    """Build it in a directory of its own and compare. Raises Skipped and Failed."""
    if shutil.which("npm") is None:
        raise Skipped("there is no npm")
    with tempfile.TemporaryDirectory(prefix="verdict-bundle-") as name:
        home = Path(name)
        for source in SOURCES:
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, home / source)
        for command in (INSTALL, BUILD):
            _run(command, home)
        return (home / BUILT).read_bytes() == (ROOT / BUILT).read_bytes()


def _run(command: list[str], home: Path) -> None:
    try:
        done = subprocess.run(command, cwd=home, check=False, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Skipped("the packages don't come") from None
    if done.returncode and any(sign in done.stderr for sign in _OFFLINE):
        raise Skipped("the packages can't be reached")
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {(done.stdout + done.stderr).strip()}")
