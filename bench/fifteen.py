"""The naive way and ours in one run, side by side: what a verdict costs, how long it takes, how many a second.

The naive way is a new container for each submission, one at a time, and a site that has no cache, answers a POST when
the verdict is there and asks Redis for its health. It is given what favours it: the same locked-down container, the
same image, no database, no queue, no web. Each line has a name, by which docs/fifteen.md refers to it.

Needs Node.js, starts the instances that it needs and stops them again. Nothing else should run on the machine: the CPU
time is the whole machine's, but for what it uses at rest.
"""

import argparse
import contextlib
import json
import math
import os
import re
import secrets
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import docker
import redis
import requests
from rich.console import Console
from rich.table import Table

from bench.counting import counting
from bench.instance import Instance, instance
from bench.rest import Site, judge_once
from bench.soak_clients import PROBLEM, SUM
from bench.ways import ON_ITS_OWN, engine, idle, run_cold, timed
from execution.sandbox.container import ContainerSettings
from launcher.home import ROOT
from runner_image import images

SETTINGS = {
    "SUBMISSIONS_PER_MINUTE": "0",
    "SUBMISSIONS_PER_MINUTE_PER_ADDRESS": "0",
    "QUEUE_LIMIT": "1000",
    "QUEUE_LIMIT_PER_USER": "1000",
    "SANDBOX": "docker",
}
ROUNDS, COLD_ROUNDS = 40, 10
BURST, CLIENTS = 200, 8
WARMING = 50
READS = 100
REST_SECONDS = 3.0
HOLE_SECONDS = 5.0  # a naive client's patience with Redis
SLOW = "import time\ntime.sleep(2)\nprint(input())\n"
INTERRUPTED = 130
# What a container without an agent does for the same: every test of the problem, one after the other.
TESTS = len(list((ROOT / "examples" / PROBLEM / "data").rglob("*.in")))
NAIVE = ["sh", "-c", f"for test in $(seq {TESTS}); do echo 20 22 | python3 -c '{SUM.strip()}'; done"]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both ways."""

    name: str
    unit: str
    naive: float
    ours: float
    note: str = ""


def main() -> int:
    options = _options()
    try:
        lines = [_polls(), *_counted(), *_direct()]
    except KeyboardInterrupt:
        return INTERRUPTED
    if options.json:
        print(json.dumps([asdict(line) for line in lines], indent=2))
    else:
        Console().print(_table(lines))
    return 0


def _polls() -> Line:
    """Of a page that is left open for an hour while its submission doesn't end; naively, one each second."""
    told = subprocess.run(["node", str(ROOT / "bench" / "polls.mjs")], check=True, capture_output=True, text=True)
    return Line("polls", "polls", 3600, int(told.stdout), "in an hour, of a page whose submission doesn't end")


# -- What passes through a proxy that counts ---------------------------------------------------------------------------
def _counted() -> Iterator[Line]:
    """Calls of Docker's API for each verdict."""
    with counting() as proxy, instance(**SETTINGS | {"DOCKER_HOST": proxy.host}) as ours:
        site = _site(ours)
        _burst(site, WARMING)  # the pool fills
        before = proxy.calls
        _burst(site, BURST)
        per_verdict = (proxy.calls - before) / BURST
        settings = _settings(proxy.host)
        with engine(settings) as client:
            run_cold(client, settings, ON_ITS_OWN)
            before = proxy.calls
            run_cold(client, settings, ON_ITS_OWN)
            naive = proxy.calls - before
    yield Line("api-calls", "a verdict", naive, per_verdict, "of Docker's API")


# -- What does not -----------------------------------------------------------------------------------------------------
def _direct() -> Iterator[Line]:
    with instance(**SETTINGS) as ours:
        settings = _settings(ours.docker_host)
        with engine(settings) as client:
            site = _site(ours)
            _burst(site, WARMING)
            yield from _latency(site, client, settings)
            yield from _throughput_and_cost(site, client, settings)
            yield _image(client)
        yield _post(site)
        yield _problem(ours, site)
        yield from _static(ours)
        yield _health(ours)


def _latency(site: Site, client: docker.DockerClient, settings: ContainerSettings) -> Iterator[Line]:
    """In turns, with nothing else under way."""
    ours, cold, execs = [], [], []
    with idle(client, settings) as warm:
        for _ in range(COLD_ROUNDS):
            ours += [judge_once(site, PROBLEM, SUM)[1] for _ in range(ROUNDS // COLD_ROUNDS)]
            cold.append(timed(lambda: _judge_naively(client, settings)))
            execs.append(timed(lambda: warm.exec_run(NAIVE)))
    note = f"{TESTS} tests; ours from POST to completed"
    yield Line("latency", "ms", statistics.median(cold), statistics.median(ours), f"median; {note}")
    yield Line("latency-p95", "ms", _p95(cold), _p95(ours), f"p95; {note}")
    yield Line("latency-exec", "ms", statistics.median(execs), statistics.median(ours), "docker exec, nothing reset")


def _judge_naively(client: docker.DockerClient, settings: ContainerSettings) -> None:
    if run_cold(client, settings, NAIVE) != b"42\n" * TESTS:
        raise SystemExit("the naive container did not print what it should have")


def _throughput_and_cost(site: Site, client: docker.DockerClient, settings: ContainerSettings) -> Iterator[Line]:
    def naively() -> None:
        for _ in range(COLD_ROUNDS):
            _judge_naively(client, settings)

    at_rest = _busy_share()
    naive = _spent(naively, at_rest)
    ours = _spent(lambda: _burst(site, BURST), at_rest)
    naive_rate, our_rate = COLD_ROUNDS / naive.wall, BURST / ours.wall
    yield Line("throughput", "verdicts/s", naive_rate, our_rate, f"one at a time; {BURST} at once by {CLIENTS} clients")
    note = f"of the whole machine, clients included; at rest {at_rest:.2f} of a core, taken off"
    yield Line("cpu", "CPU s a verdict", naive.cpu / COLD_ROUNDS, ours.cpu / BURST, note)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds."""

    wall: float
    cpu: float


def _spent(action: Callable[[], object], at_rest: float = 0.0) -> Spent:
    """What an action takes, of which `at_rest` (CPUs) would have been used without it."""
    began, busy = time.perf_counter(), _busy_seconds()
    action()
    wall = time.perf_counter() - began
    return Spent(wall, _busy_seconds() - busy - at_rest * wall)


def _busy_share() -> float:
    """How many CPUs are busy while nothing is asked of anybody."""
    rest = _spent(lambda: time.sleep(REST_SECONDS))
    return rest.cpu / rest.wall


def _busy_seconds() -> float:
    """CPU seconds of all processes and the kernel since boot, those included that are gone."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split()[1:11])
    return (user + nice + system + irq + softirq) / 100  # USER_HZ


def _burst(site: Site, count: int) -> None:
    """Posted by some clients at once, and waited for."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        paths = list(clients.map(lambda _: site.submit(PROBLEM, SUM)[0], range(count)))
    for path in paths:
        if (verdict := site.wait(path, poll_seconds=0.1, patience_seconds=300)["verdict"]) != "AC":
            raise SystemExit(f"the program should be accepted, but got {verdict}")


def _image(client: docker.DockerClient) -> Line:
    """One image with the tools to build programs, against Python's own."""
    sizes = [client.images.get(images.tag(name)).attrs["Size"] / 1e6 for name in ("cpp", "python3")]
    return Line("image", "MB", sizes[0], sizes[1], "Debian with Python and g++; Debian with Python")


def _post(site: Site) -> Line:
    """A program that takes two seconds: a POST that waits for it, and ours."""
    body = {"language": "python3", "code": SLOW, "input": "1"}
    answers: list[Any] = []
    began = time.perf_counter()
    answered = timed(lambda: answers.append(site.call("/api/runs/", body)))
    site.wait(answers[0]["url"])
    return Line("post", "ms", (time.perf_counter() - began) * 1000, answered, "the answer to a POST; judging takes 2 s")


def _problem(ours: Instance, site: Site) -> Line:
    """A problem read from the database each time, and from the cache."""

    def read() -> float:
        return timed(lambda: site.call(f"/api/problems/{PROBLEM}/"))

    cold, cached = [], []
    for _ in range(READS):
        for key in ours.redis.scan_iter(match="*problems:detail:*"):
            ours.redis.delete(key)
        cold.append(read())
        cached.append(read())
    return Line("problem", "ms", statistics.median(cold), statistics.median(cached), "GET of a problem, median")


def _static(ours: Instance) -> Iterator[Line]:
    """What the problem page loads: as it is, as ours sends it, and how much of it at the second visit."""
    page = requests.get(f"{ours.url}/problems/{PROBLEM}/", timeout=10).text
    paths = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)))
    plain, packed = (
        sum(_weight(ours, path, encoding) for path in paths) / 1000 for encoding in ("identity", "br, gzip")
    )
    yield Line("static", "kB", plain, packed, f"{len(paths)} files of the problem page, on the wire")
    lasting = [path for path in paths if "immutable" in _head(ours, path, "br").headers.get("Cache-Control", "")]
    yield Line("static-again", "files", len(paths), len(paths) - len(lasting), "asked for at the second visit")


def _weight(ours: Instance, path: str, encoding: str) -> int:
    return int(_head(ours, path, encoding).headers["Content-Length"])


def _head(ours: Instance, path: str, encoding: str) -> requests.Response:
    return requests.head(f"{ours.url}{path}", headers={"Accept-Encoding": encoding}, timeout=10)


def _health(ours: Instance) -> Line:
    """While Redis takes connections and says nothing."""
    [hole] = ours.processes("valkey")
    with _stopped(hole):
        impatient = redis.Redis.from_url(ours.redis_url, socket_timeout=HOLE_SECONDS, retry=None)
        naive = timed(lambda: _ping(impatient))
        answers = [timed(lambda: requests.get(f"{ours.url}/health", timeout=10)) for _ in range(READS)]
        seen = requests.get(f"{ours.url}/health", timeout=10).json()["redis"]
    return Line("health", "ms", naive, _p95(answers), f"Redis is stopped; PING within 5 s, ours p95, says {seen}")


@contextlib.contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _ping(server: redis.Redis) -> None:
    with contextlib.suppress(redis.TimeoutError):
        server.ping()


def _settings(host: str) -> ContainerSettings:
    return ContainerSettings(owner=f"bench-{secrets.token_hex(4)}", docker_host=host)


def _site(ours: Instance) -> Site:
    return Site(ours.url, ours.manage("api_token", "fifteen"))


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def _table(lines: Sequence[Line]) -> Table:
    table = Table(title="The naive way and ours")
    for heading in ("line", "naive", "ours", "unit", "times", "what"):
        table.add_column(heading)
    for line in lines:
        figures = [f"{figure:.3g}" for figure in (line.naive, line.ours)]
        table.add_row(line.name, *figures, line.unit, f"{_times(line.naive, line.ours):.3g}", line.note)
    return table


def _times(naive: float, ours: float) -> float:
    """The larger figure over the smaller one."""
    low, high = sorted((naive, ours))
    return high / low if low else math.inf


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench fifteen", description=__doc__)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
