"""`script/test`: the tests, with the real parts they need."""

import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from launcher import packages, postgres, processes
from launcher.console import Console, Failure
from launcher.home import ROOT, TEST_VAR, Home
from launcher.stack import Stack, stack
from launcher.supervisor import Interrupted, die_with_parent
from launcher.up import INTERRUPTED
from runner_image import images

TEST_PACKAGES = {
    "chromium": ["chromium"],
    "faketime": ["faketime"],
    "msgfmt": ["gettext"],
    "node": ["nodejs"],
    "npm": ["npm"],
    **postgres.PACKAGES,
}


def test(arguments: Sequence[str], console: Console, database: str) -> int:
    """pytest's exit status; its closing line is the last that is said. `database` is "sqlite" or "postgres"."""
    try:
        with stack(Home.make(TEST_VAR), console, installs=True) as started:
            _set_up(started)
            if database == "postgres":
                _start_postgres(started)
            return _pytest(started, arguments)
    except Interrupted:
        return INTERRUPTED


def _set_up(started: Stack) -> None:
    started.start_valkey(started.home.logs / "valkey.log")
    if trouble := started.find_engine():
        raise Failure(f"The tests need Docker, and there is no engine to be had: {trouble}.")
    started.build_images(images.names())
    if (names := packages.missing(TEST_PACKAGES)) and not packages.why_not():
        packages.install(names, started.supervisor, started.console)


def _start_postgres(started: Stack) -> None:
    cluster = postgres.directory(started.home)
    with started.console.step("PostgreSQL"):
        started.supervisor.start(postgres.service(started.home, started.home.logs / "postgres.log"))
        started.supervisor.wait(lambda: postgres.answers(cluster), 60, lambda: "PostgreSQL does not answer.")
    # Most tests are one transaction, which is idle while they do something else, as transactions in earnest are not.
    started.set(DATABASE_URL=f"{postgres.url(cluster)}?options=-c%20statement_timeout%3D10s")


def _pytest(started: Stack, arguments: Sequence[str]) -> int:
    scratch = started.home.var / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    own = {"VERDICT_VAR": str(scratch), "SECRET_KEY": secrets.token_urlsafe(48)}
    popen = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        env=started.supervisor.env | own | processes.mark(started.home.instance, "job"),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us, and we pass it on once
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - one thread
    )
    started.supervisor.restarts = True
    try:
        while popen.poll() is None:
            started.supervisor.turn(0.2)
    except Interrupted:
        popen.send_signal(signal.SIGINT)
        popen.wait()
        raise
    return popen.returncode
