"""A Docker engine of a test's own, which it may stop, kill and start again."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher import cleanup, engine, processes
from launcher.home import Home
from launcher.supervisor import die_with_parent
from runner_image import images
from tests.faults.stack import eventually

PYTHON = images.tag("python3")


class Engine:
    """containerd and dockerd as `script/up` starts them, with the image of Python and no other."""

    def __init__(self, home: Home) -> None:
        sockets = home.take_charge().sockets
        self._home = home
        self._services = {service.name: service for service in engine.services(home, sockets)}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._image = home.var / "python3.tar"
        self.host = engine.own_host(sockets)
        home.write_env({}, {"DOCKER_HOST": self.host})

    def set_up(self) -> None:
        """Up, with the image as the engine at DOCKER_HOST has it."""
        subprocess.run(["docker", "save", "--output", str(self._image), PYTHON], check=True)
        self.start("containerd")
        self.start("docker")
        self.load()

    def start(self, name: str) -> None:
        service = self._services[name]
        assert service.log
        with service.log.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                service.argv,
                env={**os.environ, **processes.mark(self._home.instance, name)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(),  # noqa: PLW1509 - also where the tests are cut off
            )
        if name == "docker":
            eventually(lambda: engine.ask(self.host).version)

    def send(self, number: signal.Signals) -> None:
        """To dockerd."""
        self._processes["docker"].send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._processes["docker"].wait()

    def load(self) -> None:
        """Put the image in."""
        subprocess.run(
            ["docker", "--host", self.host, "load", "--quiet", "--input", str(self._image)],
            check=True,
            capture_output=True,
        )

    def close(self) -> None:
        """End all of it, also what it started, and detach its mounts."""
        if "docker" in self._processes:
            self.send(signal.SIGCONT)
        cleanup.clean_up(self._home, self._reap)
        for process in self._processes.values():
            process.wait()

    def _reap(self) -> None:
        for process in self._processes.values():
            process.poll()
        cleanup.nap()


@contextmanager
def new_engine() -> Iterator[Engine]:
    var = Path(tempfile.mkdtemp(prefix="ve-"))
    home = Home.make(var / "v")
    own = Engine(home)
    try:
        own.set_up()
        yield own
    finally:
        own.close()
        cleanup.purge(home.var)
        var.rmdir()
