"""The judge worker dies or stands still while thirty submissions are in flight."""

import signal

import pytest

from tests.faults.flight import Flight
from tests.faults.stack import Stack, eventually

pytestmark = pytest.mark.stack


def test_killed(stack: Stack, flight: Flight) -> None:
    stack.end("judge", signal.SIGKILL)
    flight.assert_hit(3)
    eventually(lambda: not stack.containers(), seconds=30)
    eventually(lambda: not stack.is_ready("judge"), seconds=30)
    assert stack.health() == {"ready": False, "database": True, "redis": True, "judge": False, "maintenance": True}
    stack.start("judge")
    flight.land(lost_attempts=3)


@pytest.mark.full
def test_stopped_past_its_lease(stack: Stack, flight: Flight) -> None:
    """Another judges all meanwhile; the late results of the one that comes back are refused."""
    stack.send("judge", signal.SIGSTOP)
    flight.assert_hit(3)
    eventually(lambda: not stack.is_ready("judge"), seconds=30)
    stack.start("judge2")
    eventually(lambda: {row.state for row in flight.rows()} == {"completed"}, 120)
    stack.send("judge", signal.SIGCONT)
    eventually(lambda: "is not held any more" in stack.log("judge") or "dropped a late result" in stack.log("judge"))
    eventually(lambda: len(stack.judges()) == 2 and not any(judge["running"] for judge in stack.judges()))
    stack.end("judge2")
    flight.land(lost_attempts=3)
