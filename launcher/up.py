"""`script/up`: everything, from nothing to a judged submission, and then its logs until Ctrl-C."""

import http.client
import os
import socket
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from launcher import services
from launcher.console import Console, Failure
from launcher.home import Home
from launcher.services import MANAGE
from launcher.stack import Stack, stack
from launcher.supervisor import Interrupted

READY_SECONDS = 90
ASK_SECONDS = 0.2
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. `port` 0 means any free one; `languages` are those whose images are built if need be."""

    var: Path
    port: int
    once: bool
    installs: bool
    languages: tuple[str, ...] = ("python3",)


def up(wish: Wish, console: Console) -> int:
    """The exit status: 0 after an orderly stop, or with `once` if every verdict was as tagged."""
    with closing(_listen(wish.port)) as listener:
        try:
            with stack(Home.make(wish.var), console, installs=wish.installs) as started:
                address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
                credentials = _start(started, listener, wish.languages)
                return _verify(started, credentials) if wish.once else _serve(started, address, credentials)
        except Interrupted:
            console.say("Interrupted; all is stopped.")
            return INTERRUPTED


def _start(started: Stack, listener: socket.socket, languages: Collection[str]) -> str:
    """All of it. Returns the name and password of the admin that was made, if one was."""
    started.start_valkey()
    _choose_sandbox(started, languages)
    credentials = _prepare(started)
    for service in (services.web(listener.fileno()), services.judge(), services.maintenance()):
        started.supervisor.start(service)
    # It waits in the queue for the worker, so that its own start costs nobody's time.
    sample = started.supervisor.begin("The sample submission", [*MANAGE, "judge_sample"], show=False)
    with started.console.step("web, judge and maintenance worker"):
        _wait_until_ready(started, listener.getsockname()[1])
    with started.console.step("judging a sample submission") as step:
        step.note = started.supervisor.finish(sample)
    return credentials


def _choose_sandbox(started: Stack, languages: Collection[str]) -> None:
    """Docker where it can be had. Otherwise plain processes, and in that case say so."""
    wanted = os.environ.get("SANDBOX", "")
    reason = "SANDBOX=process asks for it" if wanted == "process" else started.find_engine()
    if not reason:
        started.build_images(languages)
        return
    if wanted == "docker":
        raise Failure(f"There is no Docker engine to be had: {reason}.")
    started.console.say(
        f"  WITHOUT CONTAINERS: {reason}. Programs will run as plain processes of this user, which keeps honest\n"
        "  mistakes apart but no attacker out. Submit only what you would run yourself. Every page says so too."
    )
    started.set(SANDBOX="process", DEBUG=os.environ.get("DEBUG", "1"))


def _prepare(started: Stack) -> str:
    """Database, admin, example problems, static files."""
    credentials = started.sockets / "credentials"
    with started.console.step("preparing the database, the example problems and the static files"):
        command = [*MANAGE, "prepare", "--credentials", str(credentials)]
        started.supervisor.run("The preparation", command)
    if not credentials.exists():
        return ""
    text = credentials.read_text()
    credentials.unlink()
    return text


def _wait_until_ready(started: Stack, port: int) -> None:
    last, asked_at = "no answer", 0.0

    def ready() -> bool:
        nonlocal last, asked_at
        if monotonic() - asked_at > ASK_SECONDS:
            last, asked_at = _readiness(port), monotonic()
        return not last

    started.supervisor.wait(ready, READY_SECONDS, lambda: f"Not ready after {READY_SECONDS} s: {last}")


def _readiness(port: int) -> str:
    """What /readyz misses; "" when nothing."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
        try:
            connection.request("GET", "/readyz", headers={"Host": _allowed_host()})
            answer = connection.getresponse()
            body = answer.read(10_000).decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return str(error)
    return "" if answer.status == http.client.OK else body


def _allowed_host() -> str:
    """One that the product answers to: the first of ALLOWED_HOSTS, whose patterns may begin with a dot or a star."""
    return os.environ.get("ALLOWED_HOSTS", "").split(",")[0].lstrip(".*") or "127.0.0.1"


def _verify(started: Stack, credentials: str) -> int:
    """Judge every tagged submission of every problem."""
    _tell(started, credentials)
    with started.console.step("judging every tagged submission of every problem"):
        started.supervisor.run("The verification", [*MANAGE, "verify_problem", "--all"])
    started.console.say("Every verdict is as tagged.")
    return 0


def _serve(started: Stack, address: str, credentials: str) -> int:
    started.console.say(f"\nVerdict is at {address} (Ctrl-C stops it)")
    _tell(started, credentials)
    started.console.say("")
    started.supervisor.restarts = True
    try:
        started.supervisor.forever()
    except Interrupted:
        started.console.say("Stopping.")
    return 0


def _listen(port: int) -> socket.socket:
    """The web's socket, ours from the beginning, so that nobody can take the port meanwhile."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise Failure(f"Port {port} can't be had: {error.strerror}. Choose another with --port N.") from error
    return listener


def _tell(started: Stack, credentials: str) -> None:
    if credentials:
        name, password = credentials.split()
        started.console.say(f"Sign in as {name} with the password {password}; it is shown this once.")
