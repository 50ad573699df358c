"""The whole product, started as people start it."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic, sleep

import pytest

from launcher import engine, mounts, processes
from launcher.home import ROOT, Home
from launcher.supervisor import die_with_parent

PRIVATE = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "VERDICT_VAR",
    "VERDICT_INSTANCE",
    "DJANGO_SETTINGS_MODULE",
    processes.MARK,
)


def environment(**more: str) -> dict[str, str]:
    """What a user would have; the engine that script/test found, but not its other parts."""
    return {name: value for name, value in os.environ.items() if name not in PRIVATE} | more


def script(
    name: str, var: Path, *arguments: str, seconds: float = 300, **more: str
) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "script" / name), "--var", str(var), *arguments]
    return subprocess.run(
        command, env=environment(**more), cwd="/", timeout=seconds, check=False, capture_output=True, text=True
    )


class Product:
    """A `script/up` under way."""

    def __init__(self, var: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self.var = var
        self.began = monotonic()
        self._log = var.parent / f"{var.name}.log"
        command = [str(ROOT / "script" / "up"), "--var", str(var), "--port", "0", *arguments]
        with self._log.open("wb") as output:
            self.popen = subprocess.Popen(
                command,
                env=env or environment(),
                cwd="/",
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - also where the tests are cut off
            )

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def until_up(self, seconds: float = 300) -> float:
        """Wait until it is; the seconds that it took from the start."""
        until(lambda: "Verdict is at" in self.said() or self.popen.poll() is not None, seconds)
        assert self.popen.poll() is None, self.said()
        return monotonic() - self.began

    @property
    def address(self) -> str:
        match = re.search(r"Verdict is at (\S+)", self.said())
        assert match, self.said()
        return match[1]

    def end(self, number: signal.Signals = signal.SIGINT) -> float:
        """Signal it, wait for its end, and tell how many seconds that took."""
        began = monotonic()
        self.popen.send_signal(number)
        self.popen.wait(60)
        return monotonic() - began


def until(ready: Callable[[], object], seconds: float) -> None:
    end = monotonic() + seconds
    while not ready():
        assert monotonic() < end, f"not within {seconds:.0f} s"
        sleep(0.1)


def left(home: Home, docker_host: str = "") -> list[str]:
    """What is left of an instance: processes, by their mark or the directory's path; containers; mounts; sockets."""
    found = [f"process {process.pid} {process.role}" for process in processes.marked(home.instance)]
    found += [f"process {pid}: {words}" for pid, words in _command_lines() if f"{home.var}/" in f"{words}/"]
    found += [f"mount {point}" for point in mounts.below(home.docker)]
    charge = home.charge()
    return found + ([f"sockets {charge.sockets}"] if charge else []) + _containers(home, docker_host)


def _containers(home: Home, docker_host: str) -> list[str]:
    if not docker_host:
        return []
    filters = f"label={engine.INSTANCE_LABEL}={home.instance}"
    command = ["docker", "ps", "--all", "--quiet", "--filter", filters]
    done = subprocess.run(command, env=environment(DOCKER_HOST=docker_host), check=True, capture_output=True, text=True)
    return [f"container {identifier}" for identifier in done.stdout.split()]


def _command_lines() -> list[tuple[int, str]]:
    found = []
    for entry in processes.PROC.iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                found.append((int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
            except OSError:
                continue
    return found


@pytest.fixture(scope="session")
def docker_host() -> str:
    """The engine that the tests run with. They never do without."""
    host = os.environ.get("DOCKER_HOST") or engine.DEFAULT_HOST
    answer = engine.ask(host)
    assert answer.version, f"no Docker engine at {host}: {answer.trouble}"
    return host


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Path]:
    """A directory for homes, all of which are purged at the end."""
    yield tmp_path
    for var in tmp_path.iterdir():
        if var.is_dir():
            script("down", var, "--purge")
