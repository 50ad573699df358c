import io
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import processes
from launcher.cleanup import nap
from launcher.console import Console
from launcher.home import Home
from launcher.supervisor import Supervisor

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An instance's home, whose processes are gone at the end."""
    made = Home.make(tmp_path / "var")
    yield made
    processes.kill(lambda: processes.marked(made.instance), nap)
    made.end_charge()


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(home: Home, said: io.StringIO) -> Iterator[Supervisor]:
    handlers = {number: signal.getsignal(number) for number in NUMBERS}
    made = Supervisor(home, Console(said), {"PATH": "/usr/bin:/bin"})
    yield made
    made.stopping()
    processes.kill(lambda: processes.marked(home.instance), lambda: made.turn(0.01))
    made.turn(0.01)
    made.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)
