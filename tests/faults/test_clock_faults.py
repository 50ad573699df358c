"""One process's clock jumps by an hour while thirty submissions are in flight: libfaketime's, never the system's.

As on a real machine, only the wall clock jumps; the monotonic one goes on.
"""

import json
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from health import samples
from tests.faults.flight import GOOD, WRONG, Flight
from tests.faults.stack import Stack, eventually

LIBRARIES = list(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
pytestmark = [
    pytest.mark.stack,
    pytest.mark.full,
    pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed (Debian's package faketime)"),
    pytest.mark.parametrize("hours", [1, -1]),
]
# libfaketime 0.9.10 gets sleeping until a monotonic time wrong where it is to leave the monotonic clock alone.
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"


class Clock:
    """A process's clock: right until it jumps."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "clock"
        self._file.write_text("+0")
        (directory / "sitecustomize.py").write_text(SLEEP)
        self.env = {
            "PYTHONPATH": str(directory),
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, hours: int) -> None:
        self._file.write_text(f"{hours:+}h")


@contextmanager
def wrong_clock(stack: Stack, name: str, directory: Path) -> Iterator[Clock]:
    """The process, started anew with a clock that may jump; afterwards with the right one."""
    clock = Clock(directory)
    _start_anew(stack, name, **clock.env)
    try:
        yield clock
    finally:
        _start_anew(stack, name)


def _start_anew(stack: Stack, name: str, **env: str) -> None:
    stack.end(name)
    stack.start(name, **env)
    eventually(lambda: stack.health().get("ready") and stack.judges_python())


def test_the_judge_s(hours: int, stack: Stack, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with wrong_clock(stack, "judge", tmp_path) as clock:
        flight: Flight = request.getfixturevalue("flight")
        clock.jump(hours)
        flight.assert_hit(3)
        flight.land()
        assert hours in {_hours_off(moment) for moment in _ends(flight)}


def test_the_maintenance_worker_s(hours: int, stack: Stack, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """What a killed judge leaves is seen by its sweeps only, and only after 15 s of them."""
    with wrong_clock(stack, "maintenance", tmp_path) as clock:
        before = len(_samples(stack))
        eventually(lambda: len(_samples(stack)) > before)  # its rounds have begun
        flight: Flight = request.getfixturevalue("flight")
        clock.jump(hours)
        flight.assert_hit(3)
        stack.end("judge", signal.SIGKILL)
        stack.start("judge")
        flight.land(lost_attempts=3)
        assert stack.is_ready("maintenance")
        assert _hours_off(_samples(stack)[-1]) == hours


def test_the_web_server_s(hours: int, stack: Stack, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with wrong_clock(stack, "web", tmp_path) as clock:
        flight: Flight = request.getfixturevalue("flight")
        clock.jump(hours)
        flight.assert_hit(3)
        assert _hours_off(_told(stack)) == hours
        for program in [(GOOD, "AC"), (WRONG, "WA")] * 5:
            flight.submit(*program)
        flight.land()


def _ends(flight: Flight) -> list[datetime]:
    """When what flew ended, as the judge has it."""
    with flight.stack.database.connection() as connection:
        rows = connection.execute("SELECT submission_id, finished_at FROM execution_judgement").fetchall()
    return [datetime.fromisoformat(f"{moment}+00:00") for submission, moment in rows if submission in flight.wanted]


def _samples(stack: Stack) -> list[datetime]:
    """When its rounds took a sample for the status page, as the maintenance worker has it."""
    found = [json.loads(entry) for entry in stack.valkey.lrange(samples._KEY, 0, -1)]
    return [datetime.fromtimestamp(sample["at"], UTC) for sample in found]


def _told(stack: Stack) -> datetime:
    """What time the web server says it is."""
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/health", timeout=5) as answer:
        return datetime.fromisoformat(json.load(answer)["timestamp"])


def _hours_off(moment: datetime) -> int:
    return round((moment - datetime.now(moment.tzinfo)) / timedelta(hours=1))
