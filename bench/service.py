"""What a whole instance bears, from its clients' clocks: at rest, with many submissions at once, and when it is read.

Starts instances of its own, whose limits are lifted so that nobody is refused. Nothing else should run beside it; the
clients share its machine, and take their part of it. The program has ten tests.
"""

import argparse
import contextlib
import secrets
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import docker

from bench import reads
from bench.instance import Instance, instance
from bench.measure import Measure, median, p95, show
from bench.rest import Site, judge_once
from bench.ways import run_cold, timed
from execution.sandbox.container import ContainerSettings

LIFTED = {
    "SUBMISSIONS_PER_MINUTE": "0",
    "SUBMISSIONS_PER_MINUTE_PER_ADDRESS": "0",
    "QUEUE_LIMIT": "1000",
    "QUEUE_LIMIT_PER_USER": "1000",
}
PROBLEM = "aplusb"
CODE = "a, b = map(int, input().split())\nprint(a + b)\n"
ROUNDS = 40
CLIENTS = 8
BURST = 304  # 38 each
COLD_ROUNDS = 5
# One container for a submission, in which each of its tests is an interpreter of its own.
COLD = ["sh", "-c", f"for test in 1 2 3 4 5 6 7 8 9 10; do echo $test 1 | python3 -c '{CODE}'; done"]
PATIENCE_SECONDS = 300.0
PAUSE = "from execution import pausing; pausing.pause(None)"
RESUME = "import time; from execution import pausing; pausing.resume(None); print(time.time())"


def main() -> int:
    options = _options()
    measures = []
    with instance(**LIFTED) as up:
        up.settle()
        client = Site(up.url, up.manage("api_token", "client"))
        judge_once(client, PROBLEM, CODE)  # to warm up
        measures += _at_rest(client)
        three, posts = _burst(up)
        measures.append(Measure(f"{BURST} submissions by {CLIENTS} clients", three, "verdicts/s", 25, at_least=True))
        measures.append(p95("POST meanwhile", posts, "ms", 100))
        measures.append(_against_cold(three, up.docker_host))
        three_alone = _drain(up)
        measures += reads.polls_and_problem(up, client, PROBLEM)
        measures += reads.lists(up)
    with instance(**LIFTED, WORKER_CONCURRENCY="1") as up:
        up.settle()
        one = _drain(up)
    spread = f"{three_alone:.3g} against {one:.3g} verdicts/s"
    measures.append(Measure("three judged at once, against one", three_alone / one, "×", 1.8, spread, at_least=True))
    return show("The service", measures, options.json)


def _at_rest(client: Site) -> list[Measure]:
    done = [judge_once(client, PROBLEM, CODE)[1] for _ in range(ROUNDS)]
    return [median("POST to completed, at rest", done, "ms", 60), p95("the same", done, "ms", 150)]


def _burst(up: Instance) -> tuple[float, list[float]]:
    """All posted at once, each client a user of its own, and waited for: verdicts a second, and each POST's ms."""
    clients = _clients(up)
    began = time.time()
    posted = _post_all(clients)
    seconds = _await_all(clients, posted) - began
    posts = [taken * 1000 for pairs in posted for _, taken in pairs]
    return len(posts) / seconds, posts


def _drain(up: Instance) -> float:
    """Verdicts a second of a queue that was filled while judging was paused, so that the machine is the judges'."""
    clients = _clients(up)
    up.manage("shell", "--verbosity=0", "--command", PAUSE)
    posted = _post_all(clients)
    began = float(up.manage("shell", "--verbosity=0", "--command", RESUME))
    return BURST / (_await_all(clients, posted) - began)


def _clients(up: Instance) -> list[Site]:
    """Known and connected, each after one submission, so that all processes and sandboxes have done this before."""
    clients = [Site(up.url, up.manage("api_token", f"client{n}")) for n in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as threads:
        list(threads.map(lambda client: judge_once(client, PROBLEM, CODE), clients))
    return clients


def _post_all(clients: list[Site]) -> list[list[tuple[str, float]]]:
    """Each client's submissions: path, and the seconds that the POST took."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        return list(threads.map(_post, clients))


def _post(client: Site) -> list[tuple[str, float]]:
    return [client.submit(PROBLEM, CODE) for _ in range(BURST // CLIENTS)]


def _await_all(clients: list[Site], posted: list[list[tuple[str, float]]]) -> float:
    """When all were judged, as time.time has it. Each client's last is asked for first: polls cost their part."""
    for client, pairs in zip(clients, posted, strict=True):
        _await(client, pairs[-1][0])
    ended = time.time()
    for client, pairs in zip(clients, posted, strict=True):
        for path, _ in pairs:
            _await(client, path)
    return ended


def _await(client: Site, path: str) -> None:
    shown = client.wait(path, poll_seconds=0.1, patience_seconds=PATIENCE_SECONDS)
    if shown["verdict"] != "AC":
        raise SystemExit(f"the program should be accepted, but got {shown['verdict'] or shown['failure']}")


def _against_cold(rate: float, docker_host: str) -> Measure:
    """A judge that one would build first: a new container for each submission, one after the other."""
    settings = ContainerSettings(owner=f"bench-{secrets.token_hex(4)}", docker_host=docker_host)
    with contextlib.closing(docker.DockerClient(base_url=docker_host)) as engine:
        taken = [timed(lambda: run_cold(engine, settings, COLD)) for _ in range(COLD_ROUNDS)]
    theirs = 1000 / statistics.median(taken)
    spread = f"{theirs:.3g} verdicts/s"
    return Measure("that, against a new container for each", rate / theirs, "×", 12, spread, at_least=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench service", description=__doc__)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
