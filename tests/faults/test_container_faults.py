"""A container dies, stands still or is filled up while thirty submissions are in flight."""

import os
import signal

import pytest

from bench.rest import Site
from tests.faults.flight import GOOD, LONG, Flight
from tests.faults.stack import Stack

pytestmark = pytest.mark.stack
FILLS = """
import errno
n = int(input())
with open("/tmp/all", "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(1 << 20))
    except OSError as error:
        print(n + 1 if error.errno == errno.ENOSPC else error)
"""
FINDS_ROOM = """
import os
n = int(input())
assert os.listdir("/tmp") == []
with open("/tmp/some", "wb") as file:
    file.write(bytes(20 << 20))
print(n + 1)
"""


@pytest.mark.full
def test_killed(stack: Stack, flight: Flight) -> None:
    stack.docker("kill", *stack.python_containers())
    flight.assert_hit()
    assert stack.is_ready("ready")
    flight.land(lost_attempts=3)


@pytest.mark.full
def test_agent_stopped(stack: Stack, flight: Flight) -> None:
    """It is waited for as long as a run may take, and then replaced."""
    for agent in stack.docker("inspect", "--format", "{{.State.Pid}}", *stack.python_containers()).split():
        os.kill(int(agent), signal.SIGSTOP)
    flight.assert_hit()
    assert stack.is_ready("ready")
    flight.land(lost_attempts=3)


@pytest.mark.full
def test_filled(stack: Stack, site: Site, other_site: Site) -> None:
    """A full /tmp is the program's own trouble; the next one in the same container finds it empty."""
    before = set(stack.python_containers())
    programs = [(LONG, "AC"), *[(FILLS, "AC"), (FINDS_ROOM, "AC"), (GOOD, "AC")] * 9, (LONG, "AC"), (LONG, "AC")]
    flight = Flight.begin(stack, [site, other_site], programs)
    flight.assert_hit()
    assert stack.is_ready("ready")
    flight.land()
    assert set(stack.python_containers()) == before
