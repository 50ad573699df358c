import json
import tomllib
from pathlib import Path

import pytest

from launcher import engine
from launcher.home import Home

DOCKER = """#!/bin/sh
echo "$DOCKER_HOST $*" >> {log}
{body}
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker command that does what `docker.body` says; its calls stand in `docker.log`."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    return directory


def _program(docker: Path, body: str) -> Path:
    program = docker / "docker"
    log = docker / "log"
    program.write_text(DOCKER.format(log=log, body=body))
    program.chmod(0o755)
    return log


def test_an_engine_that_answers(docker: Path) -> None:
    log = _program(docker, """echo '{"ServerVersion": "28.2.2", "Driver": "overlay2"}'""")
    assert engine.ask("unix:///a.sock") == engine.Answer(version="28.2.2", storage="overlay2")
    assert log.read_text().startswith("unix:///a.sock info")


@pytest.mark.parametrize(
    "body",
    [
        """echo '{"ServerErrors": ["Cannot connect"]}'; exit 1""",
        """echo '{"ID": ""}'; echo 'Cannot connect' >&2; exit 1""",
        """echo 'Cannot connect' >&2; echo 'Is it running?' >&2; exit 1""",
    ],
)
def test_one_that_does_not_says_why(docker: Path, body: str) -> None:
    _program(docker, body)
    assert engine.ask("unix:///a.sock") == engine.Answer(trouble="Cannot connect")


def test_one_that_hangs_is_given_up(docker: Path) -> None:
    _program(docker, "exec sleep 60")
    assert engine.ask("unix:///a.sock", seconds=0.2).trouble.startswith("no answer")


def test_without_the_command_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.ask("unix:///a.sock").trouble == "there is no docker command"


def test_our_own_shares_nothing(home: Home) -> None:
    charge = home.take_charge()
    containerd, docker = engine.services(home, charge.sockets)
    flags = dict(flag.removeprefix("--").split("=", 1) for flag in docker.argv[1:])
    assert flags["bridge"] == "none"
    assert {flags[name] for name in ("iptables", "ip6tables", "ip-forward", "ip-masq")} == {"false"}
    assert json.loads(Path(flags["config-file"]).read_text()) == {}
    config = tomllib.loads(Path(containerd.argv[2]).read_text())
    places = [flags["data-root"], flags["exec-root"], flags["containerd"], flags["host"].removeprefix("unix://")]
    places += [config["root"], config["state"], config["grpc"]["address"], config["ttrpc"]["address"]]
    ours = (home.var, charge.sockets)
    assert all(any(Path(place).is_relative_to(one) for one in ours) for place in places)
    home.end_charge()


def test_a_home_may_have_an_odd_name(tmp_path: Path) -> None:
    home = Home.make(tmp_path / 'my "var"\\n ü')
    charge = home.take_charge()
    containerd, _ = engine.services(home, charge.sockets)
    config = tomllib.loads(Path(containerd.argv[2]).read_text())
    assert config["root"] == str(home.docker / "containerd")
    home.end_charge()


def test_removes_only_what_carries_the_instance_s_label(docker: Path, home: Home) -> None:
    log = _program(docker, 'case "$1" in ps) echo "aaa bbb";; esac')
    home.take_charge()
    home.write_env({}, {"DOCKER_HOST": "unix:///a.sock"})
    engine.remove_containers(home)
    assert log.read_text().splitlines() == [
        f"unix:///a.sock ps -aq --filter label=verdict.instance={home.instance}",
        "unix:///a.sock rm --force aaa bbb",
    ]
    home.end_charge()


def test_removes_nothing_where_there_is_nothing(docker: Path, home: Home) -> None:
    log = _program(docker, "")
    engine.remove_containers(home)
    assert not log.exists()
