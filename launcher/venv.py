"""The virtual environment `.venv` in the checkout, made and kept up to date where that is allowed.

Stamps beside its interpreter say which requirements it has. A lock on the checkout's `script` directory keeps two of us
from trampling each other.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from launcher.console import Console, Failure
from launcher.home import ROOT
from launcher.supervisor import die_with_parent

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.stamp"
RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"


def enter(requirements: str, console: Console, *, installs: bool) -> None:
    """Go on inside of the environment, with `requirements` installed: starts this program anew if need be."""
    changed = False
    if not _is_ready(requirements):
        if not installs:
            raise Failure(f"{VENV} is missing or out of date, and --no-install forbids to mend it. Run it without.")
        with _lock():
            if not _is_ready(requirements):
                changed = True
                with console.step(f"virtual environment, {requirements}"):
                    _make()
                    _install(requirements)
    if changed or not VENV.samefile(sys.prefix):
        sys.stdout.flush()
        os.execv(PYTHON, [str(PYTHON), *sys.argv])  # noqa: S606


def _is_ready(requirements: str) -> bool:
    """Whether the environment's Python runs and these requirements were installed as they stand."""
    try:
        stamps = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    return _works() and bool(stamps.get(requirements) == _hash(requirements))


def _works() -> bool:
    try:
        check = [str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        return subprocess.run(check, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _make() -> None:
    if _works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        _install_ensurepip()
    _run([sys.executable, "-m", "venv", "--clear", str(VENV)])


def _install_ensurepip() -> None:
    """Debian keeps what makes virtual environments in a package of its own."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0:
        raise Failure(f"This Python can't make virtual environments. Install its package: apt-get install {name}")
    _run(["apt-get", "--quiet", "update"])
    _run(["apt-get", "--quiet", "--yes", "install", "--no-install-recommends", name])


def _install(requirements: str) -> None:
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--requirement", str(ROOT / requirements)])
    stamps = {requirements: _hash(requirements)}
    if requirements == DEVELOPMENT:  # which includes the others
        stamps[RUNTIME] = _hash(RUNTIME)
    STAMP.write_text(json.dumps(stamps))


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent()
        )
    except OSError as error:
        raise Failure(f"{command[0]} can't be run: {error.strerror}") from error
    if done.returncode:
        raise Failure(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()[-4000:]}")


def _hash(requirements: str) -> str:
    names = {RUNTIME, requirements}
    return hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in sorted(names))).hexdigest()


@contextmanager
def _lock() -> Iterator[None]:
    descriptor = os.open(ROOT / "script", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
