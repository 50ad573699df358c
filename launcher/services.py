"""The product's own processes."""

import re
import sys
from pathlib import Path

from launcher.home import ROOT
from launcher.supervisor import Service

MANAGE = [sys.executable, str(ROOT / "manage.py")]
_SETTING = re.compile(r"\b(?:env\.\w+|whole|choice|flag|directory|networks|rate)\(\s*\"([A-Z][A-Z0-9_]*)\"")


def web(listener: int) -> Service:
    """Serves the socket whose descriptor is `listener`."""
    argv = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "judge" / "gunicorn.py"), "judge.wsgi"]
    return Service("web", argv, {"WEB_BIND": f"fd://{listener}"}, pass_fds=(listener,))


def judge() -> Service:
    return Service("judge", [*MANAGE, "judge_worker"])


def maintenance() -> Service:
    return Service("maintenance", [*MANAGE, "maintenance_worker"])


def setting_names(settings: Path = ROOT / "judge" / "settings.py") -> list[str]:
    """The environment variables that the settings read."""
    return _SETTING.findall(settings.read_text())
