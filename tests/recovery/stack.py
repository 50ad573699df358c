"""The product's processes, each of which a test may stop, kill and start again."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

from bench.rest import Site
from launcher.valkey import find_binary

ROOT = Path(__file__).resolve().parent.parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
PATIENCE_SECONDS = 60


class Stack:
    """Valkey, web, judge and maintenance worker, with a database and sockets of their own."""

    def __init__(self, var: Path, sockets: Path) -> None:
        self.instance = f"test-{secrets.token_hex(6)}"
        self.port = _free_port()
        self._var, self._redis = var, sockets / "v.sock"
        self._env = os.environ | {
            "VERDICT_VAR": str(var),
            "VERDICT_INSTANCE": self.instance,
            "DATABASE_URL": f"sqlite:///{var / 'verdict.sqlite3'}",
            "REDIS_URL": f"unix://{self._redis}",
            "SECRET_KEY": secrets.token_hex(30),
            "SUBMISSIONS_PER_MINUTE": "0",
            "QUEUE_LIMIT_PER_USER": "100",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_CONCURRENCY": "1",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    # -- Processes ---------------------------------------------------------------------------------------------------
    def start(self, *names: str) -> None:
        commands: dict[str, Callable[[], list[str]]] = {
            "valkey": lambda: [
                find_binary(),
                *["--port", "0", "--appendonly", "no", "--unixsocket"],
                str(self._redis),
                "--save",
                "",
            ],
            "web": lambda: [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "judge/gunicorn.py"), "judge.wsgi"],
            "judge": lambda: [*MANAGE, "judge_worker"],
            "maintenance": lambda: [*MANAGE, "maintenance_worker"],
        }
        for name in names:
            self.spawn(name, commands[name]())

    def spawn(self, name: str, command: list[str]) -> None:
        """Start a program of one's own as one of the parts."""
        with (self._var / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )

    def outlast(self, name: str) -> int:
        """Wait until a process has ended by itself; its exit status."""
        status = self._processes[name].wait(PATIENCE_SECONDS)
        del self._processes[name]
        return status

    def send(self, name: str, number: signal.Signals) -> None:
        self._processes[name].send_signal(number)

    def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> float:
        """Signal a process and wait until it is gone; the seconds that took."""
        began = time.monotonic()
        process = self._processes.pop(name)
        process.send_signal(number)
        process.wait(PATIENCE_SECONDS)
        return time.monotonic() - began

    def close(self) -> None:
        for name in list(self._processes):
            self.send(name, signal.SIGCONT)
            self.end(name, signal.SIGKILL if name == "valkey" else signal.SIGTERM)

    # -- What it does ------------------------------------------------------------------------------------------------
    def manage(self, *command: str) -> str:
        done = subprocess.run([*MANAGE, *command], env=self._env, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def site(self, user: str = "alice") -> Site:
        return Site(f"http://127.0.0.1:{self.port}", self.manage("api_token", user))

    def flushall(self) -> None:
        redis.Redis(unix_socket_path=str(self._redis)).flushall()

    def is_ready(self, part: str) -> bool:
        """What /readyz says of a part: "database", "redis", "judge" or "maintenance"."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return b'"%s": true' % part.encode() in answer.read()
        except urllib.error.HTTPError as error:
            return b'"%s": true' % part.encode() in error.read()
        except OSError:
            return False

    def containers(self) -> list[str]:
        """Containers of this stack, in whatever state."""
        command = ["docker", "ps", "-aq", "--filter", f"label=verdict.instance={self.instance}"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()

    def log(self, name: str) -> str:
        return (self._var / f"{name}.log").read_text(errors="replace")


def eventually(what: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `what()` is true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
