"""Whatever dies, what was accepted is judged: against real processes, a real Valkey, real containers."""

import json
import signal
import time
import urllib.request

import pytest

from bench.rest import Site
from tests.faults.stack import Stack, eventually

pytestmark = pytest.mark.stack

GOOD = "print(int(input()) + 1)\n"
SLOW = "import time\nn = int(input())\ntime.sleep(4)\nprint(n + 1)\n"


@pytest.fixture(scope="module")
def site(stack: Stack) -> Site:
    return stack.site()


def assert_judged(site: Site, *paths: str) -> None:
    assert [site.wait(path)["verdict"] for path in paths] == ["AC"] * len(paths)


def test_without_a_worker_it_is_accepted_at_once_and_judged_later(stack: Stack, site: Site) -> None:
    stack.end("judge")
    eventually(lambda: not stack.is_ready("judge"))
    path, seconds = site.submit("nextnumber", GOOD)
    assert seconds < 1
    time.sleep(1)
    assert site.call(path)["status"] == "queued"
    stack.start("judge")
    assert_judged(site, path)


def test_flushall_loses_nothing_that_is_queued(stack: Stack, site: Site) -> None:
    stack.end("judge")
    paths = [site.submit("nextnumber", GOOD)[0] for _ in range(10)]
    stack.valkey.flushall()
    stack.start("judge")
    assert_judged(site, *paths)


def test_a_redis_that_hangs_does_not_hang_us(stack: Stack, site: Site) -> None:
    stack.send("valkey", signal.SIGSTOP)
    try:
        path, seconds = site.submit("nextnumber", GOOD)
    finally:
        stack.send("valkey", signal.SIGCONT)
    assert seconds < 1
    assert_judged(site, path)


@pytest.mark.full
def test_a_worker_told_to_stop_hands_back_within_ten_seconds(stack: Stack, site: Site) -> None:
    path, _ = site.submit("nextnumber", SLOW)
    eventually(lambda: site.call(path)["status"] == "running")
    assert stack.end("judge", signal.SIGTERM) < 10
    assert stack.containers() == []
    eventually(lambda: site.call(path)["status"] == "queued")
    stack.start("judge")
    assert_judged(site, path)


@pytest.mark.full
def test_a_stopped_worker_that_comes_back_changes_nothing(stack: Stack, site: Site) -> None:
    """Past its lease it has lost its row; somebody else judges it, and the late result is refused."""
    path, _ = site.submit("nextnumber", SLOW)
    eventually(lambda: site.call(path)["status"] == "running")
    stack.send("judge", signal.SIGSTOP)
    eventually(lambda: site.call(path)["status"] == "queued", seconds=40)
    stack.send("judge", signal.SIGCONT)
    assert_judged(site, path)
    assert site.call(path)["progress"] == {"done": 3, "total": 3}


@pytest.mark.parametrize("header", ["Script_Name", "Script-Name", "Path_Info", "X-Forwarded-Proto"])
def test_a_clients_headers_move_nothing(stack: Stack, header: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{stack.port}/livez", headers={header: "/x"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer) == {"live": True}
