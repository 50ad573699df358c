"""One process's clock jumps by an hour while thirty submissions are in flight: libfaketime's, never the system's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.flight import Flight
from tests.faults.stack import Stack, eventually

LIBRARIES = list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
pytestmark = [
    pytest.mark.stack,
    pytest.mark.full,
    pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed (Debian's package faketime)"),
]
# libfaketime 0.9.10 gets sleeping until a monotonic time wrong where it is to leave the monotonic clock alone.
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"


@contextmanager
def adjustable(stack: Stack, name: str, clock: Path) -> Iterator[None]:
    """The process, started anew with a clock that is as wrong as the file says; afterwards with the right one."""
    clock.write_text("+0")
    (clock.parent / "sitecustomize.py").write_text(SLEEP)
    stack.end(name)
    stack.start(
        name,
        PYTHONPATH=str(clock.parent),
        LD_PRELOAD=str(LIBRARIES[0]),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        DONT_FAKE_MONOTONIC="1",
    )
    try:
        eventually(lambda: stack.health().get("ready") and stack.judges_python())
        yield
    finally:
        stack.end(name)
        stack.start(name)


@pytest.mark.parametrize("jump", ["+1h", "-1h"])
@pytest.mark.parametrize("name", ["judge", "maintenance"])
def test_jumped(name: str, jump: str, stack: Stack, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with adjustable(stack, name, clock):
        flight: Flight = request.getfixturevalue("flight")
        clock.write_text(jump)
        flight.assert_hit(3)
        flight.land()
