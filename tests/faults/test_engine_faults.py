"""The Docker engine stands still, dies or loses an image while thirty submissions are in flight."""

import signal
import time
from collections.abc import Iterator

import pytest

from bench.rest import Site
from launcher.engine import missing_programs
from tests.faults.conftest import new_stack
from tests.faults.engine import PYTHON, Engine, new_engine
from tests.faults.flight import Flight
from tests.faults.stack import Stack, eventually

pytestmark = [
    pytest.mark.stack,
    pytest.mark.full,
    pytest.mark.skipif(bool(missing_programs()), reason="needs a Docker engine of its own, and has no dockerd"),
]
AGAIN_SECONDS = 5  # from the engine's answer to the next container


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with new_engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def stack(engine: Engine) -> Iterator[Stack]:
    with new_stack(DOCKER_HOST=engine.host) as stack:
        yield stack


@pytest.fixture(scope="module")
def site(stack: Stack) -> Site:
    return stack.site()


@pytest.fixture(scope="module")
def other_site(stack: Stack) -> Site:
    return stack.site("bob")


def test_stopped_for_ten_seconds(flight: Flight, engine: Engine) -> None:
    engine.send(signal.SIGSTOP)
    try:
        flight.assert_hit()
        time.sleep(10)
    finally:
        engine.send(signal.SIGCONT)
    flight.land(lost_attempts=3)


def test_killed(stack: Stack, flight: Flight, engine: Engine) -> None:
    """No judge is ready meanwhile, and all goes on soon after the engine is back."""
    engine.kill()
    flight.assert_hit()
    eventually(lambda: stack.health() == {**dict.fromkeys(stack.health(), True), "ready": False, "judge": False}, 20)
    engine.start("docker")
    eventually(stack.python_containers, AGAIN_SECONDS)
    flight.land(lost_attempts=3)


def test_image_removed(stack: Stack, flight: Flight, engine: Engine) -> None:
    """The worker tells what it lacks, and what needs it waits."""
    stack.docker("rmi", "--force", PYTHON)
    stack.docker("kill", *stack.docker("ps", "--quiet").split())
    flight.assert_hit()
    eventually(lambda: [judge for judge in stack.judges() if "python3" in judge["missing"]])
    eventually(lambda: {row.state for row in flight.rows()} <= {"queued", "completed"})
    assert "queued" in {row.state for row in flight.rows()}
    engine.load()
    flight.land(lost_attempts=3)
