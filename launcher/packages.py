"""Debian's packages, installed where they are missing and we may."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher.console import Console, Failure
from launcher.supervisor import Supervisor

APT = ["apt-get", "--quiet", "--yes", "--option", "DPkg::Lock::Timeout=120"]
SECONDS = 1800


def missing(packages: Mapping[str, Sequence[str]]) -> list[str]:
    """Of {program: packages}, the packages whose program is not on the PATH."""
    return sorted({name for program, names in packages.items() if not shutil.which(program) for name in names})


def why_not() -> str:
    """Why we can't install packages here; "" where we can."""
    if not shutil.which("apt-get"):
        return "this is not Debian or Ubuntu"
    return "" if os.geteuid() == 0 else "only root may install packages"


def install(names: list[str], supervisor: Supervisor, console: Console) -> None:
    """Install those of `names` that this release has (in some `docker` is part of docker.io). Raises Failure."""
    log = supervisor.home.logs / "apt.log"
    with console.step(f"installing the packages {', '.join(names)}"):
        _apt(["update"], log, supervisor)  # old lists may do, so its failure alone is none
        known = [name for name in names if _is_known(name)]
        if not known or _apt(["install", "--no-install-recommends", *known], log, supervisor):
            raise Failure(f"The packages can't be installed: see {log}, or install them by hand: {' '.join(names)}")


def _is_known(name: str) -> bool:
    shown = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return shown.returncode == 0


def _apt(command: list[str], log: Path, supervisor: Supervisor) -> int:
    """Run apt-get to its end, which it reaches even if we don't: dpkg must not be cut off in the middle."""
    with log.open("ab") as output:
        popen = subprocess.Popen(
            [*APT, *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    supervisor.wait(lambda: popen.poll() is not None, SECONDS, lambda: f"apt-get has not come to an end: see {log}")
    return popen.returncode
