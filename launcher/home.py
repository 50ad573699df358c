"""The directory an instance lives in (`var/`, or `--var DIR`), and the short-named one beside it for its sockets.

instance        a random name, which marks its processes and containers, and the directory as ours to purge
secret_key      made on the first start
lock            held (flock) by whoever runs the instance, and by its guard until everything is cleaned up
running         the pid of the process in charge, its start time, and the sockets' directory
env             what `script/manage` passes on
logs/, docker/, valkey/, data/, static/, verdict.sqlite3
"""

import fcntl
import json
import os
import secrets
import shlex
import shutil
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from launcher import processes
from launcher.console import Failure

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_VAR = ROOT / "var"
TEST_VAR = DEFAULT_VAR / "test"


@dataclass(frozen=True, slots=True)
class Charge:
    """Who is in charge of an instance (or was, when it went down without a word), and where its sockets are."""

    pid: int
    start: int
    sockets: Path

    @property
    def alive(self) -> bool:
        return processes.start_of(self.pid) == self.start


class Home:
    """An instance's directory, which exists."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.instance = (var / "instance").read_text().strip()

    @classmethod
    def make(cls, var: Path) -> "Home":
        """The home at `var`, founded if it isn't there. Refuses a directory with somebody else's files in it."""
        try:
            if not is_home(var):
                _found(var)
            return cls(var)
        except OSError as error:
            raise Failure(f"{var} can't be used: {error.strerror}. Choose another directory with --var DIR.") from error

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def docker(self) -> Path:
        """What an engine of our own keeps: images and containers."""
        return self.var / "docker"

    @property
    def scratch(self) -> Path:
        """For builds, which may leave mounts there when they are cut off; emptied at the end of each run."""
        return self.var / "tmp"

    def lock(self, wait: float = 0.0) -> int | None:
        """A descriptor that holds the lock until it and every copy are closed; None if it's not to be had in time."""
        descriptor = os.open(self.var / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        until = monotonic() + wait
        while not _flock(descriptor):
            if monotonic() >= until:
                os.close(descriptor)
                return None
            sleep(0.05)
        return descriptor

    def secret_key(self) -> str:
        path = self.var / "secret_key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def take_charge(self) -> Charge:
        """Write down that this process is in charge, with a fresh private directory for the sockets."""
        start = processes.start_of(os.getpid())
        assert start is not None
        charge = Charge(os.getpid(), start, Path(tempfile.mkdtemp(prefix="verdict-", dir=_sockets_base())))
        facts = {"pid": charge.pid, "start": charge.start, "sockets": str(charge.sockets)}
        write_private(self.var / "running", json.dumps(facts))
        return charge

    def charge(self) -> Charge | None:
        """Who took charge last and has not been cleaned up after."""
        try:
            facts = json.loads((self.var / "running").read_text())
            return Charge(int(facts["pid"]), int(facts["start"]), Path(facts["sockets"]))
        except (OSError, ValueError, KeyError):
            return None

    def end_charge(self) -> None:
        """Remove the sockets' directory and the record of who is in charge. Nothing may be mounted there any more."""
        if (charge := self.charge()) and _is_private(charge.sockets):
            shutil.rmtree(charge.sockets)
        (self.var / "running").unlink(missing_ok=True)

    def write_env(self, lasting: Mapping[str, str], fleeting: Mapping[str, str]) -> None:
        """Keep the environment for `script/manage`; `fleeting` holds as long as the instance runs."""
        for name, values in (("env", lasting), ("env.running", fleeting)):
            lines = (f"{key}={shlex.quote(value)}\n" for key, value in sorted(values.items()))
            write_private(self.var / name, "".join(lines))

    def read_env(self) -> dict[str, str]:
        """The environment to run management commands with, also before the first start and beside a running one.

        What led to sockets of a run that is over is left out: somebody else may have put theirs in their place.
        """
        env = {"VERDICT_VAR": str(self.var), "SECRET_KEY": self.secret_key()} | _parse(self.var / "env")
        charge = self.charge()
        running = charge is not None and _is_private(charge.sockets)
        return env | _parse(self.var / "env.running") if running else env


def is_home(var: Path) -> bool:
    return (var / "instance").is_file()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, at once or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(name).replace(path)


def _found(var: Path) -> None:
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    if var != DEFAULT_VAR and any(var.iterdir()):
        raise Failure(f"{var} holds files that are not Verdict's. Choose a new or empty directory with --var DIR.")
    (var / "logs").mkdir(exist_ok=True)
    fresh = var / f".instance-{os.getpid()}"
    fresh.write_text(secrets.token_hex(6))
    with suppress(FileExistsError):  # somebody else founded it just now
        os.link(fresh, var / "instance")
    fresh.unlink()


def _flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sockets_base() -> str:
    """Where a socket's path stays far below its 107 bytes; /run, where we may, since nobody tidies up there."""
    return "/run" if os.access("/run", os.W_OK) else "/tmp"  # noqa: S108 - mkdtemp makes a private one


def _is_private(directory: Path) -> bool:
    try:
        facts = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and stat.S_IMODE(facts.st_mode) == 0o700


def _parse(path: Path) -> dict[str, str]:
    try:
        entries = shlex.split(path.read_text())
    except OSError:
        return {}
    return dict(entry.split("=", 1) for entry in entries)
