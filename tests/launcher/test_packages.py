import io
from pathlib import Path

import pytest

from launcher import packages
from launcher.console import Console, Failure
from launcher.supervisor import Supervisor

APT_GET = """#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >> {log}
for word; do [ "$word" = broken ] && {{ echo "E: broken" ; exit 100; }}; done
exit 0
"""
APT_CACHE = """#!/bin/sh
[ "$2" != docker-cli ]
"""


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of an apt-get that knows any package but docker-cli, and can't install `broken`."""
    log = tmp_path / "calls"
    for name, text in {"apt-get": APT_GET.format(log=log), "apt-cache": APT_CACHE}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return log


def test_finds_what_is_missing() -> None:
    assert packages.missing({"sh": ["dash"], "no-such-program": ["b", "a"], "nor-this": ["b"]}) == ["a", "b"]


def test_installs_what_this_release_has(apt: Path, supervisor: Supervisor, said: io.StringIO) -> None:
    packages.install(["docker-cli", "docker.io"], supervisor, Console(said))
    update, install = apt.read_text().splitlines()
    assert update.endswith(" update")
    assert install.startswith("noninteractive ")
    assert install.endswith(" install --no-install-recommends docker.io")
    assert "installing the packages docker-cli, docker.io" in said.getvalue()


def test_says_where_to_look_when_it_fails(apt: Path, supervisor: Supervisor, said: io.StringIO) -> None:
    with pytest.raises(Failure, match=r"apt\.log.*broken"):
        packages.install(["broken"], supervisor, Console(said))
    assert "E: broken" in (supervisor.home.logs / "apt.log").read_text()


def test_says_why_it_may_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, apt: Path) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert packages.why_not() == "only root may install packages"
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert packages.why_not() == ""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert packages.why_not() == "this is not Debian or Ubuntu"
