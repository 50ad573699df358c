"""PostgreSQL for the tests: Debian's, in a cluster of its own that they may lose, on a unix socket only.

It refuses to run as root, so root starts it as Debian's user `postgres`. That user can't look into most directories of
root's, so the cluster lies in one of its own, with the socket.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from launcher.console import Failure
from launcher.home import Home
from launcher.supervisor import Service

PACKAGES = {"pg_ctlcluster": ["postgresql"]}
USER = "verdict"
_BINARIES = Path("/usr/lib/postgresql")


def directory(home: Home) -> Path:
    """Where the cluster of an instance lies: short, for the socket's sake."""
    return Path(tempfile.gettempdir()) / f"verdict-postgres-{home.instance}"


def url(cluster: Path, database: str = "verdict") -> str:
    return f"postgres://{USER}@/{cluster}/{database}"


def initialize(cluster: Path) -> None:
    """Make an empty cluster, where none may be left of an earlier run. Raises Failure."""
    shutil.rmtree(cluster, ignore_errors=True)
    cluster.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(cluster, *_owner())
    options = ["--pgdata", str(cluster / "data"), "--username", USER, "--auth=trust", "--encoding=UTF8", "--no-sync"]
    made = subprocess.run(
        [*_as_its_user(), _binary("initdb"), *options, "--locale=C.UTF-8"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    if made.returncode:
        raise Failure(f"PostgreSQL's cluster can't be made: {made.stderr.strip()}")


def command(cluster: Path) -> list[str]:
    """The server on an initialized cluster. It keeps nothing safe: what is lost is made anew."""
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster),
        "unix_socket_permissions": "0700",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "log_min_messages": "fatal",
    }
    flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return [*_as_its_user(), _binary("postgres"), "-D", str(cluster / "data"), *flags]


def service(home: Home, log: Path) -> Service:
    """The server of an instance, on a new cluster. Raises Failure."""
    initialize(directory(home))
    return Service("postgres", command(directory(home)), log=log)


def answers(cluster: Path) -> bool:
    """Whether it serves."""
    asked = [_binary("pg_isready"), "--quiet", "--host", str(cluster)]
    return subprocess.run(asked, stdin=subprocess.DEVNULL, check=False).returncode == 0


def is_there() -> bool:
    return bool(_versions())


def _binary(name: str) -> str:
    """The newest server's."""
    if not (versions := _versions()):
        raise Failure("There is no PostgreSQL. Install Debian's package postgresql.")
    return str(versions[-1] / "bin" / name)


def _versions() -> list[Path]:
    there = [path for path in _BINARIES.glob("*") if path.name.isdecimal() and (path / "bin" / "postgres").exists()]
    return sorted(there, key=lambda path: int(path.name))


def _as_its_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    uid, gid = _owner()
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--pdeathsig=TERM", "--"]


def _owner() -> tuple[int, int]:
    """Debian's user for it. Raises Failure."""
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise Failure("There is no user postgres, as whom root would start PostgreSQL.") from None
    return entry.pw_uid, entry.pw_gid
