"""The web server dies between a row and its bell while thirty submissions are in flight."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.rest import Site
from tests.faults.flight import GOOD, Flight
from tests.faults.stack import Stack, eventually

pytestmark = pytest.mark.stack


@pytest.mark.full
def test_killed_before_it_rang(stack: Stack, site: Site, flight: Flight) -> None:
    """Valkey stands still, so ringing hangs for a moment: what is in the database then is judged all the same."""
    stack.end("web", signal.SIGKILL)
    stack.start("web")  # a new one has no connection yet that would keep the bell for Valkey
    eventually(lambda: stack.health().get("ready"))
    halted = ("judge", "maintenance")  # nobody hears bells, nobody rings them anew
    for name in halted:
        stack.send(name, signal.SIGSTOP)
    try:
        flight.assert_hit()
        before = _bells(stack)
        flight.wanted[_kill_between(stack, site)] = "AC"
        assert _bells(stack) == before
        stack.start("web")
        eventually(lambda: stack.health().get("database"))
        flight.submit(GOOD, "AC")
        assert _bells(stack) == before + 1, "and that is how it is when it rang"
    finally:
        for name in halted:
            stack.send(name, signal.SIGCONT)
    flight.land()


def _kill_between(stack: Stack, site: Site) -> str:
    """Submit, and kill the web server as soon as the row is seen; the submission, of which the client wasn't told."""
    known = _submissions(stack)
    stack.send("valkey", signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as client:
            answer = client.submit(site.submit, "brief", GOOD)
            while _submissions(stack) == known and not answer.done():
                time.sleep(0.002)
            stack.end("web", signal.SIGKILL)
        assert isinstance(answer.exception(), OSError), "no answer"
    finally:
        stack.send("valkey", signal.SIGCONT)
    (new,) = _submissions(stack) - known
    return new


def _submissions(stack: Stack) -> set[str]:
    return {row.submission for row in stack.database.judgements()}


def _bells(stack: Stack) -> int:
    """Those that lie in Valkey, and those that were heard but not answered yet."""
    queue, heard = stack.valkey.llen("judge.python3"), stack.valkey.hlen("unacked")
    assert isinstance(queue, int)
    assert isinstance(heard, int)
    return queue + heard
