"""`script/down`: stops what runs in a home, however it was left; with `--purge` removes it."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from launcher.cleanup import clean_up, purge
from launcher.console import Console, Failure
from launcher.home import TEST_VAR, Home, is_home

STOP_SECONDS = 20


def down(var: Path, console: Console, *, purges: bool) -> int:
    homes = [nested for nested in (TEST_VAR, var) if is_home(nested) and nested.is_relative_to(var)]
    if not homes:
        console.say(f"There is nothing at {var}.")
        return 0
    for path in homes:
        with console.step(f"stopping what runs in {path}"):
            _stop(Home(path))
    if purges:
        with console.step(f"removing {var}"):
            purge(var)
    return 0


def _stop(home: Home) -> None:
    """End whoever is in charge, then whatever is left. What runs after that was started anew."""
    if (charge := home.charge()) and charge.alive:
        with suppress(ProcessLookupError):
            os.kill(charge.pid, signal.SIGTERM)
    lock = home.lock(STOP_SECONDS)
    if lock is None:
        raise Failure(f"{home.var} is still in use after {STOP_SECONDS} s. See {home.logs}, and try again.")
    try:
        clean_up(home)
    finally:
        os.close(lock)
