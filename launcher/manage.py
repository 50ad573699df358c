"""`script/manage`: manage.py with the environment that script/up made."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from launcher.console import Failure
from launcher.home import Home, is_home
from launcher.services import MANAGE


def manage(var: Path, command: Sequence[str]) -> NoReturn:
    """Become `manage.py COMMAND…`, in the caller's directory. What script/up chose overrides the caller's variables."""
    if not is_home(var):
        raise Failure(f"{var} holds no instance. Start one with script/up --var {var}.")
    argv = [*MANAGE, *command]
    os.execve(argv[0], argv, {**os.environ, **Home.make(var).read_env()})  # noqa: S606
