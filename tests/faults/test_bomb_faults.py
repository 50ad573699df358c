"""A hundred fork bombs of one user, and what another one who submits meanwhile notices of them."""

import statistics
import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import cycle, islice

import pytest

from bench.rest import Site
from tests.faults.conftest import new_stack
from tests.faults.database import Judged
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
WARM_UP = 4
ROUNDS = 20
PAUSE_SECONDS = 0.5
MUCH = 3  # times as long as at rest


@pytest.fixture
def stack() -> Iterator[Stack]:
    """One of its own: containers that have seen no other test."""
    with new_stack() as stack:
        yield stack


def test_a_hundred_bombs(stack: Stack) -> None:
    site, bomber = stack.site(), stack.site("bob")
    for image in ("python3", "c"):
        eventually(partial(_serves, stack, image))
    honest = cycle([(GOOD, "AC"), (WRONG, "WA")])
    for _ in range(WARM_UP):
        _judge(site, *next(honest))
    rest = [_judge(site, *next(honest)) for _ in range(ROUNDS)]

    bombs = [_throw(bomber, *bomb) for bomb in islice(cycle(BOMBS), MANY)]
    meanwhile = []
    while "queued" in {row.state for row in _rows(stack, bombs)}:
        meanwhile.append(_judge(site, *next(honest)))
        time.sleep(PAUSE_SECONDS)
    eventually(lambda: {row.state for row in _rows(stack, bombs)} <= {"completed", "failed"})

    print(f"seconds at rest: {_summary(rest)}; among bombs: {_summary(meanwhile)}")
    assert len(meanwhile) >= ROUNDS
    assert {(row.state, row.failure, row.verdict in ENDS) for row in _rows(stack, bombs)} == {("completed", "", True)}
    assert statistics.median(meanwhile) <= MUCH * statistics.median(rest)


def _serves(stack: Stack, image: str) -> bool:
    return any(image in judge["images"] for judge in stack.judges())


def _judge(site: Site, code: str, verdict: str) -> float:
    """The seconds from the submission until it was judged, rightly."""
    began = time.perf_counter()
    path, _ = site.submit("brief", code)
    shown = site.wait(path)
    assert shown["verdict"] == verdict
    return time.perf_counter() - began


def _rows(stack: Stack, submissions: Collection[str]) -> list[Judged]:
    return [row for row in stack.database.judgements() if row.submission in submissions]


def _summary(seconds: Sequence[float]) -> str:
    p50, p95 = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    return f"median {p50:.3f}, p95 {p95:.3f}, most {max(seconds):.3f} ({len(seconds)} times)"


def _throw(bomber: Site, language: str, code: str) -> str:
    """The submission: 32 hex digits."""
    answer = bomber.call("/api/submissions/", {"problem": "brief", "language": language, "code": code})
    return str(answer["url"]).strip("/").rpartition("/")[2].replace("-", "")
