"""An instance under way: its home locked and guarded, and whatever is started in it stopped at the end."""

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from launcher import engine, packages, valkey
from launcher.cleanup import clean_up
from launcher.console import Console, Failure
from launcher.home import ROOT, Home
from launcher.services import setting_names
from launcher.supervisor import Hurried, Service, Supervisor
from runner_image import images

CLEAN_UP_SECONDS = 30
ENGINE_PACKAGES = {"dockerd": ["docker.io"], "docker": ["docker.io", "docker-cli"]}
IMAGE_PACKAGES = {"mmdebstrap": ["mmdebstrap", "debian-archive-keyring"], "umount": ["mount"]}


@dataclass(slots=True)
class Stack:
    home: Home
    console: Console
    supervisor: Supervisor
    sockets: Path
    installs: bool
    fleeting: dict[str, str] = field(default_factory=dict)

    def set(self, **values: str) -> None:
        """Set environment variables for what is started from now on, and for `script/manage` while this runs."""
        self.fleeting |= values
        self.supervisor.env |= values
        lasting = {name: os.environ[name] for name in setting_names() if name in os.environ}
        self.home.write_env(lasting, self.fleeting)

    def start_valkey(self, log: Path | None = None) -> None:
        """Unless a server is named. Its lines go to the console, or to the file `log`."""
        if not valkey.needed(os.environ):
            return
        with self.console.step("Valkey") as step:
            service = valkey.service(self.home, self.sockets, log)
            self.supervisor.start(service)
            self.supervisor.wait(lambda: valkey.answers(self.sockets), 60, lambda: "Valkey does not answer.")
            step.note = service.argv[0]
        self.set(REDIS_URL=valkey.url(self.sockets))

    def find_engine(self) -> str:
        """Use the Docker engine that answers, else start one of our own. "", or why there is none to be had."""
        host = os.environ.get("DOCKER_HOST") or engine.DEFAULT_HOST
        trouble = self._use(host)
        if not trouble:
            return ""
        self.console.say(f"  No Docker engine at {host}: {trouble}")
        if os.geteuid() != 0:
            return "only root can start one"
        if not engine.missing_programs() or not (reason := self._install(ENGINE_PACKAGES)):
            return self._start_engine()
        return f"Docker is not installed, and {reason}"

    def build_images(self, names: Collection[str]) -> None:
        """Build the runner images among these that are not there yet."""
        host = self.fleeting["DOCKER_HOST"]
        with self.console.step("looking for the runner images"):
            wanted = [name for name in sorted(set(names)) if not engine.has_image(host, images.tag(name))]
        if wanted:
            self._install(IMAGE_PACKAGES)
            with self.console.step(f"building {', '.join(wanted)}, which takes a minute or two each"):
                builder = [sys.executable, "-m", "runner_image.build", *wanted]
                self.home.scratch.mkdir(exist_ok=True)
                self.supervisor.run("The build of the runner images", builder, {"TMPDIR": str(self.home.scratch)})

    def _use(self, host: str) -> str:
        with self.console.step("Docker engine") as step:
            answer = engine.ask(host)
            step.note = f"{answer.version} at {host}" if answer.version else "none answers"
        if answer.version:
            self.set(DOCKER_HOST=host)
        return answer.trouble

    def _install(self, needed: dict[str, list[str]]) -> str:
        """Install what is missing of it. "", or why it can't be done."""
        if not (names := packages.missing(needed)):
            return ""
        reason = packages.why_not() if self.installs else "--no-install forbids to install it"
        if not reason:
            packages.install(names, self.supervisor, self.console)
        return reason

    def _start_engine(self) -> str:
        host = engine.own_host(self.sockets)
        try:
            with self.console.step("starting a Docker engine of our own") as step:
                for service in engine.services(self.home, self.sockets):
                    self.supervisor.start(service)
                    self._wait_for_socket(service)
                answer = engine.ask(host)
                step.note = f"{answer.version}, {answer.storage}"
        except Failure as failure:
            self.supervisor.drop(*engine.ROLES)
            return f"our own can't be started: {failure}"
        self.set(DOCKER_HOST=host)
        return ""

    def _wait_for_socket(self, service: Service) -> None:
        path = self.sockets / f"{service.name}.sock"
        self.supervisor.wait(path.exists, 60, lambda: f"{service.name} does not come up: see {service.log}.")


@contextmanager
def stack(home: Home, console: Console, *, installs: bool) -> Iterator[Stack]:
    """Take charge of a home; at the end stop all that was started there."""
    lock = _lock(home, console)
    clean_up(home)  # a run that was killed together with its guard
    charge = home.take_charge()
    supervisor = Supervisor(home, console, os.environ)
    lifeline, ours = os.pipe()
    try:
        supervisor.start(_guard(home, lifeline, lock))
        under_way = Stack(home, console, supervisor, charge.sockets, installs)
        under_way.set(VERDICT_VAR=str(home.var), SECRET_KEY=_secret_key(home), VERDICT_INSTANCE=home.instance)
        yield under_way
    finally:
        _stop(home, supervisor)
        for descriptor in (lifeline, ours, lock):
            os.close(descriptor)


def _stop(home: Home, supervisor: Supervisor) -> None:
    supervisor.stopping()
    try:
        clean_up(home, supervisor.turn)
    except Hurried:
        supervisor.hurrying()
        clean_up(home, supervisor.turn, hurry=True)


def _lock(home: Home, console: Console) -> int:
    lock = home.lock()
    charge = home.charge()
    if lock is None and (charge is None or not charge.alive):
        with console.step("waiting until the last run is cleaned up"):
            lock = home.lock(CLEAN_UP_SECONDS)
    if lock is None:
        who = f"process {charge.pid}" if charge else "another process"
        raise Failure(f"{home.var} is in use by {who}. Stop it with script/down, or choose another with --var DIR.")
    return lock


def _guard(home: Home, lifeline: int, lock: int) -> Service:
    argv = [sys.executable, str(ROOT / "launcher"), "guard", "--var", str(home.var), str(lifeline)]
    return Service("guard", argv, log=home.logs / "guard.log", pass_fds=(lifeline, lock), outlives_us=True)


def _secret_key(home: Home) -> str:
    return os.environ.get("SECRET_KEY") or home.secret_key()
