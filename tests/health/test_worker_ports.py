"""Both kinds of workers, as real processes, show what they count on ports of their own."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.health.serving import ROOT

START_SECONDS = 60


@pytest.mark.parametrize(
    ("command", "step", "shows"),
    [
        ("judge_worker", 0, 'verdict_pool_sandboxes{state="idle",worker='),
        ("maintenance_worker", 1, "# TYPE verdict_attempts_lost_total counter"),
    ],
    ids=["judge", "maintenance"],
)
def test_each_worker_has_a_port(
    directory: Path, valkey: subprocess.Popen[bytes], command: str, step: int, shows: str
) -> None:
    port = two_free_ports()
    env = os.environ | {
        "VERDICT_VAR": str(directory),
        "SECRET_KEY": secrets.token_hex(30),
        "REDIS_URL": f"unix://{directory / 'v.sock'}",
        "WORKER_METRICS_PORT": str(port),
        "SANDBOX": "process",
        "DEBUG": "1",
    }
    log = directory / f"{command}.log"
    with log.open("wb") as said:
        worker = subprocess.Popen([sys.executable, "manage.py", command], cwd=ROOT, env=env, stdout=said, stderr=said)
    try:
        assert shows in scrape(port + step, worker, log)
    finally:
        worker.terminate()
        try:
            worker.wait(20)
        finally:
            worker.kill()


def two_free_ports() -> int:
    """The first of them."""
    for _ in range(100):
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = int(free.getsockname()[1])
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except OSError:
                continue
            return port
    raise AssertionError("no two ports in a row are free")


def scrape(port: int, worker: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            assert worker.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
