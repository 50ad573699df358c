"""A hundred fork bombs of one user, and what another one who submits meanwhile notices of them."""

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from bench.rest import Site
from tests.faults.conftest import new_stack
from tests.faults.flight import GOOD, WRONG
from tests.faults.stack import Stack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.full]

FORKS = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
SESSIONS = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        pass
"""
WAITING = """
import os, time
while True:
    try:
        if os.fork() == 0:
            time.sleep(60)
    except OSError:
        time.sleep(0.001)
"""
THREADS = """
import threading
def spin():
    while True:
        try:
            threading.Thread(target=spin).start()
        except RuntimeError:
            pass
spin()
"""
IN_C = "#include <unistd.h>\nint main(void) { for (;;) fork(); }\n"
BOMBS = [("python3", code) for code in (FORKS, SESSIONS, WAITING, THREADS)] + [("c", IN_C)]
ENDS = {"RE", "TLE", "MLE", "OLE"}  # a bomb's own fault
MANY = 100
ROUNDS = 20
MUCH = 3  # times as long as at rest
BOMBS_SECONDS = 600


@pytest.fixture
def stack() -> Iterator[Stack]:
    """One of its own: containers that have seen no other test."""
    with new_stack() as stack:
        yield stack


def test_a_hundred_bombs(stack: Stack) -> None:
    site, bomber = stack.site(), stack.site("bob")
    for language in ("python3", "c"):
        eventually(lambda image=language: any(image in judge["images"] for judge in stack.judges()))
    _honest(site, rounds=4)
    rest = _honest(site, ROUNDS)

    bombs = [_throw(bomber, *bomb) for bomb in islice(cycle(BOMBS), MANY)]
    meanwhile = _honest(site, ROUNDS)
    states = {row.submission: row.state for row in stack.database.judgements()}
    print(f"rest {rest:.3f} s, among bombs {meanwhile:.3f} s")
    assert "queued" in {states[bomb] for bomb in bombs}, "there were bombs all the while"
    assert meanwhile <= MUCH * rest, f"{meanwhile:.3f} s instead of {rest:.3f} s"

    eventually(lambda: _ended(stack, bombs), BOMBS_SECONDS)
    rows = [row for row in stack.database.judgements() if row.submission in set(bombs)]
    print(Counter(row.verdict for row in rows))
    assert {(row.state, row.failure) for row in rows} == {("completed", "")}
    assert {row.verdict for row in rows} <= ENDS


def _honest(site: Site, rounds: int) -> float:
    """Submit one after the other; the median of the seconds until completed."""
    seconds = []
    for code, verdict in islice(cycle([(GOOD, "AC"), (WRONG, "WA")]), rounds):
        began = time.perf_counter()
        path, _ = site.submit("brief", code)
        shown = site.wait(path, poll_seconds=0.02)
        seconds.append(time.perf_counter() - began)
        assert shown["verdict"] == verdict
    return statistics.median(seconds)


def _throw(bomber: Site, language: str, code: str) -> str:
    """The submission: 32 hex digits."""
    answer = bomber.call("/api/submissions/", {"problem": "brief", "language": language, "code": code})
    return str(answer["url"]).strip("/").rpartition("/")[2].replace("-", "")


def _ended(stack: Stack, bombs: list[str]) -> bool:
    ends = {row.submission for row in stack.database.judgements() if row.state in {"completed", "failed"}}
    return ends >= set(bombs)
