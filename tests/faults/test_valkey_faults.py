"""Valkey dies, stands still or forgets all while thirty submissions are in flight."""

import signal
import time

import pytest

from tests.faults.flight import GOOD, Flight
from tests.faults.stack import Stack, eventually

pytestmark = pytest.mark.stack
WITHOUT_REDIS = {"ready": False, "database": True, "redis": False, "judge": False, "maintenance": False}


def test_killed(stack: Stack, flight: Flight) -> None:
    """Without it submissions are accepted within a second, and judged once it is back."""
    stack.end("valkey", signal.SIGKILL)
    flight.assert_hit()
    assert flight.submit(GOOD, "AC") < 1
    eventually(lambda: stack.health() == WITHOUT_REDIS, seconds=5)
    stack.start("valkey")
    flight.land()


@pytest.mark.full
def test_stopped_for_ten_seconds(stack: Stack, flight: Flight) -> None:
    until = time.monotonic() + 10
    stack.send("valkey", signal.SIGSTOP)
    try:
        flight.assert_hit()
        assert flight.submit(GOOD, "AC") < 2
        eventually(lambda: stack.health() == WITHOUT_REDIS, seconds=5)
        time.sleep(max(0, until - time.monotonic()))
    finally:
        stack.send("valkey", signal.SIGCONT)
    flight.land()


@pytest.mark.full
def test_flushed(stack: Stack, flight: Flight) -> None:
    """All bells are gone, and what the workers said of themselves."""
    stack.valkey.flushall()
    flight.assert_hit()
    flight.land()
