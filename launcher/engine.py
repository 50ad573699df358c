"""The Docker engine: one that answers already, or a daemon of our own.

Ours is `containerd` and `dockerd` with everything below the instance's directories, no bridge and no firewall rules, so
that it neither meets another daemon nor touches anybody's network. It has its own containerd in any case: left alone,
dockerd takes the system's, where two daemons would share one name space. It reads no configuration of the host's.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launcher.home import Home
from launcher.supervisor import Service

DEFAULT_HOST = "unix:///var/run/docker.sock"
ROLES = ("docker", "containerd")
INSTANCE_LABEL = "verdict.instance"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of asking an engine: its version and storage driver, or why it doesn't answer."""

    version: str = ""
    storage: str = ""
    trouble: str = ""


def ask(host: str, seconds: float = 10) -> Answer:
    try:
        done = _docker(host, "info", "--format", "{{json .}}", seconds=seconds)
    except FileNotFoundError:
        return Answer(trouble="there is no docker command")
    except subprocess.TimeoutExpired:
        return Answer(trouble=f"no answer within {seconds:.0f} s")
    facts = _facts(done.stdout)
    if facts.get("ServerVersion"):
        return Answer(version=str(facts["ServerVersion"]), storage=str(facts.get("Driver")))
    errors = facts.get("ServerErrors")
    return Answer(trouble=_first_line(done.stderr) or str(errors[0] if isinstance(errors, list) else errors))


def has_image(host: str, tag: str) -> bool:
    return _docker(host, "image", "inspect", "--format", "{{.Id}}", tag, seconds=10).returncode == 0


def own_host(sockets: Path) -> str:
    return f"unix://{sockets / 'docker.sock'}"


def missing_programs() -> list[str]:
    """What a daemon of our own needs and the PATH doesn't have."""
    return [name for name in ("dockerd", "containerd", "runc", "docker") if not shutil.which(name)]


def services(home: Home, sockets: Path) -> list[Service]:
    """containerd and dockerd, to be started in this order."""
    log = home.logs / "docker.log"
    return [
        Service("containerd", _containerd(home, sockets), log=log, keeps_children=True),
        Service("docker", _dockerd(home, sockets), log=log, keeps_children=True),
    ]


def remove_containers(home: Home) -> None:
    """Remove what the instance's label is on. An engine that doesn't answer has nothing we could remove."""
    host = home.read_env().get("DOCKER_HOST")
    if not host or not shutil.which("docker"):
        return
    try:
        listed = _docker(host, "ps", "-aq", "--filter", f"label={INSTANCE_LABEL}={home.instance}", seconds=2)
        if identifiers := listed.stdout.split():
            _docker(host, "rm", "--force", *identifiers, seconds=5)
    except subprocess.TimeoutExpired:
        return


def containers_left(home: Home) -> list[str]:
    """The ids of the containers that our own engine has not removed."""
    directory = home.docker / "data" / "containers"
    return [entry.name for entry in directory.iterdir()] if directory.is_dir() else []


def _containerd(home: Home, sockets: Path) -> list[str]:
    config = sockets / "containerd.toml"
    config.write_text(
        "version = 2\n"
        f"root = {_toml(home.docker / 'containerd')}\n"
        f"state = {_toml(sockets / 'containerd')}\n"
        'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
        f"[grpc]\naddress = {_toml(sockets / 'containerd.sock')}\n"
        f"[ttrpc]\naddress = {_toml(sockets / 'containerd.sock.ttrpc')}\n"
    )
    return ["containerd", "--config", str(config), "--log-level", "warn"]


def _dockerd(home: Home, sockets: Path) -> list[str]:
    config = sockets / "dockerd.json"  # instead of /etc/docker/daemon.json
    config.write_text("{}")
    places = {
        "config-file": config,
        "data-root": home.docker / "data",
        "exec-root": sockets / "docker",
        "pidfile": "",  # none: a stale one would keep its successor from starting
        "containerd": sockets / "containerd.sock",
        "host": own_host(sockets),
    }
    network = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"]
    return ["dockerd", *(f"--{name}={value}" for name, value in places.items()), *network, "--log-level=warn"]


def _docker(host: str, *arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DOCKER_HOST": host}
    command = ["docker", *arguments]
    return subprocess.run(
        command, env=env, timeout=seconds, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def _facts(text: str) -> dict[str, object]:
    try:
        facts = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _toml(path: Path) -> str:
    """A TOML string; JSON's are a subset of them."""
    return json.dumps(str(path), ensure_ascii=False)
