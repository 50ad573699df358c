"""An instance of a benchmark's own: `script/up` in a fresh directory, and nothing left of it at the end."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from launcher import processes
from launcher.home import ROOT, Home
from launcher.supervisor import die_with_parent

# What would lead to an instance that is there already.
PRIVATE = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TEST_DATA_DIR", "VERDICT_VAR", "VERDICT_INSTANCE", "WEB_BIND"}
START_SECONDS, STOP_SECONDS = 600, 60
SETTLED_SECONDS = 6.0
LAST_WORDS = 3000  # characters
UP = "Verdict is at "


class Instance:
    """One that is up."""

    def __init__(self, url: str, home: Home) -> None:
        self.url, self._home = url, home
        self.redis_url = home.read_env()["REDIS_URL"]
        self.redis: redis.Redis = redis.Redis.from_url(self.redis_url)

    @property
    def env(self) -> dict[str, str]:
        """The environment for a process that belongs to it."""
        return os.environ | self._home.read_env()

    @property
    def docker_host(self) -> str:
        return self.env["DOCKER_HOST"]

    def manage(self, *command: str) -> str:
        """What a management command prints."""
        argv = [str(ROOT / "script" / "manage"), "--var", str(self._home.var), *command]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    def processes(self, role: str) -> list[int]:
        """The pids of a part: "web", "judge", "maintenance" or "valkey"."""
        return [process.pid for process in processes.in_roles(self._home.instance, [role])]

    def settle(self) -> None:
        """Wait until it has tried out all its languages: no container has come or gone for a while."""
        before: list[str] = []
        while (now := sorted(self.containers())) != before:
            before = now
            time.sleep(SETTLED_SECONDS)

    def containers(self) -> list[str]:
        """The full ids of its containers, in whatever state."""
        argv = ["docker", "ps", "--all", "--quiet", "--no-trunc"]
        argv += ["--filter", f"label=verdict.instance={self._home.instance}"]
        env = os.environ | {"DOCKER_HOST": self.docker_host}
        return subprocess.run(argv, env=env, check=True, capture_output=True, text=True).stdout.split()


@contextmanager
def instance(*arguments: str, **settings: str) -> Iterator[Instance]:
    """One that is up, with these arguments of `script/up` and these settings; it ends however this process does.

    Raises SystemExit with what it said if it doesn't come up. SIGTERM becomes KeyboardInterrupt.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="verdict-bench-") as directory:
        var, log = Path(directory, "var"), Path(directory, "up.log")
        env = {name: value for name, value in os.environ.items() if name not in PRIVATE} | settings
        with log.open("wb") as output:
            up = subprocess.Popen(
                [str(ROOT / "script" / "up"), "--var", str(var), "--port", "0", *arguments],
                env=env,
                stdout=output,
                stderr=output,
                start_new_session=True,  # so that Ctrl-C reaches us alone
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - there are no threads yet
            )
        try:
            wait(lambda: UP in log.read_text() or up.poll() is not None, START_SECONDS)
            said = log.read_text()
            if up.poll() is not None or UP not in said:
                raise SystemExit(f"script/up did not come up:\n{said[-LAST_WORDS:]}")
            yield Instance(said.partition(UP)[2].split()[0].rstrip("/"), Home(var))
        except Exception:
            sys.stderr.write(log.read_text()[-LAST_WORDS:])
            raise
        finally:
            up.terminate()
            up.wait(STOP_SECONDS)
            down = [str(ROOT / "script" / "down"), "--purge", "--var", str(var)]
            subprocess.run(down, check=True, stdout=subprocess.DEVNULL)


def wait(ready: Callable[[], bool], seconds: float) -> None:
    """Until it is, or so many seconds have gone by."""
    deadline = time.monotonic() + seconds
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
