"""`script/manage`: manage.py with the environment that script/up made."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from launcher.home import Home
from launcher.services import MANAGE


def manage(var: Path, command: Sequence[str]) -> NoReturn:
    """Become `manage.py COMMAND…`, in the caller's directory. What script/up chose overrides the caller's variables."""
    argv = [*MANAGE, *command]
    os.execve(argv[0], argv, {**os.environ, **Home.make(var).read_env()})  # noqa: S606
