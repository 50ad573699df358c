"""The product's processes, each of which a test may stop, kill and start again."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from bench.instance import free_port
from bench.rest import Site
from launcher.supervisor import die_with_parent
from launcher.valkey import find_binary
from runner_image import images
from tests.faults.database import Database

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
PATIENCE_SECONDS = 60
WORKERS = ("judge", "maintenance")


class Stack:
    """Valkey, web, judge and maintenance worker, with a database and sockets of their own in `directory`.

    `env` has the last word on settings.
    """

    def __init__(self, directory: Path, **env: str) -> None:
        self.instance = f"test-{secrets.token_hex(6)}"
        self.port = free_port()
        self.var = directory / "var"
        self.var.mkdir()
        self._redis = directory / "v.sock"
        self.database = Database(self.var / "verdict.sqlite3")
        self.env = {
            **os.environ,
            "VERDICT_VAR": str(self.var),
            "VERDICT_INSTANCE": self.instance,
            "DATABASE_URL": f"sqlite:///{self.database.file}",
            "REDIS_URL": f"unix://{self._redis}",
            "SECRET_KEY": secrets.token_hex(30),
            "SUBMISSIONS_PER_MINUTE": "0",
            "QUEUE_LIMIT": "300",
            "QUEUE_LIMIT_PER_USER": "200",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": "1",
            **env,
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    # -- Processes ---------------------------------------------------------------------------------------------------
    def set_up(self, *packages: Path) -> None:
        """Everything up and ready, with these problems."""
        self.start("valkey")
        self.manage("migrate", "--verbosity=0")
        self.database.take_down_moves()
        self.manage("collectstatic", "--noinput", "--verbosity=0")
        self.manage("api_token", "setter")
        for package in packages:
            self.manage("import_problem", str(package), "--owner=setter")
        self.start("web", *WORKERS)
        self._staff = self.site("operator")
        self.manage("shell", "-c", _APPOINT)
        eventually(lambda: self.health().get("ready") and self.judges_python())

    def start(self, *names: str, **env: str) -> None:
        commands = {
            "valkey": [find_binary(), *_flags({"port": "0", "appendonly": "no", "save": ""}, self._redis)],
            "web": [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "judge/gunicorn.py"), "judge.wsgi"],
            "judge": [*MANAGE, "judge_worker"],
            "judge2": [*MANAGE, "judge_worker"],
            "maintenance": [*MANAGE, "maintenance_worker"],
        }
        for name in names:
            self.spawn(name, commands[name], env)

    def spawn(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start a program of one's own as one of the parts."""
        with (self.var / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env | dict(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - also where the tests are cut off
            )

    def outlast(self, name: str) -> int:
        """Wait until a process has ended by itself; its exit status."""
        status = self._processes[name].wait(PATIENCE_SECONDS)
        del self._processes[name]
        return status

    def send(self, name: str, number: signal.Signals) -> None:
        self._processes[name].send_signal(number)

    def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> float:
        """Signal a process and wait until it is gone; the seconds that took. SIGKILL takes its children, too."""
        began = time.monotonic()
        process = self._processes.pop(name)
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        process.send_signal(number)
        process.wait(PATIENCE_SECONDS)
        return time.monotonic() - began

    def close(self) -> None:
        """End everything; the containers that stay are a test's failure."""
        for name in reversed(list(self._processes)):  # Valkey last, which the others look for
            self.send(name, signal.SIGCONT)
            self.end(name, signal.SIGKILL if name == "valkey" else signal.SIGTERM)
        eventually(lambda: not self.containers())

    def purge(self) -> None:
        """Kill everything that is left, and tell what the processes said last."""
        for name in list(self._processes):
            self.end(name, signal.SIGKILL)
        for log in sorted(self.var.glob("*.log")):
            sys.stdout.write(f"-- {log.stem}\n{self.log(log.stem)[-5000:]}")
        if left := self.containers(patiently=False):
            self.docker("rm", "--force", *left)

    # -- What it does ------------------------------------------------------------------------------------------------
    def manage(self, *command: str) -> str:
        done = subprocess.run([*MANAGE, *command], env=self.env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def site(self, user: str = "alice") -> Site:
        return Site(f"http://127.0.0.1:{self.port}", self.manage("api_token", user))

    @property
    def valkey(self) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(self._redis))

    def health(self) -> dict[str, bool]:
        """What /readyz says of all parts: "ready", "database", "redis", "judge", "maintenance"; {} without answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            return {}

    def is_ready(self, part: str) -> bool:
        return self.health().get(part, False)

    def detailed(self) -> dict[str, Any]:
        """What /health/detailed says."""
        return dict(self._staff.call("/health/detailed"))

    def judges(self) -> list[dict[str, Any]]:
        """What the judge workers say of themselves: execution.capacity.WorkerStat."""
        return [worker for worker in self.detailed()["workers"] if worker["role"] == "judge"]

    def judges_python(self) -> bool:
        return any("python3" in judge["images"] for judge in self.judges())

    # -- Containers --------------------------------------------------------------------------------------------------
    def docker(self, *command: str, seconds: float = 60) -> str:
        done = subprocess.run(
            ["docker", *command], env=self.env, check=True, capture_output=True, text=True, timeout=seconds
        )
        return done.stdout.strip()

    def containers(self, *, patiently: bool = True) -> list[str]:
        """Containers of this stack, in whatever state."""
        try:
            return self.docker("ps", "-aq", "--filter", f"label=verdict.instance={self.instance}").split()
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            if patiently:
                raise
            return []

    def python_containers(self) -> list[str]:
        """Those that run Python, idle or busy."""
        ours = ["--filter", f"label=verdict.instance={self.instance}"]
        return self.docker("ps", "-q", *ours, "--filter", f"ancestor={images.tag('python3')}").split()

    def log(self, name: str) -> str:
        with suppress(FileNotFoundError):
            return (self.var / f"{name}.log").read_text(errors="replace")
        return ""


def eventually(what: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `what()` is true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.1)


_APPOINT = "from accounts.models import User; User.objects.filter(username='operator').update(is_staff=True)"


def _flags(options: Mapping[str, str], sock: Path) -> list[str]:
    return [word for name, value in {**options, "unixsocket": str(sock)}.items() for word in (f"--{name}", value)]
