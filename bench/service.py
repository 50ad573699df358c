"""What a whole instance bears, from its clients' clocks: at rest, and with many submissions at once.

Runs against an instance that is up, whose limits are lifted so that nobody is refused:
`SUBMISSIONS_PER_MINUTE=0 SUBMISSIONS_PER_MINUTE_PER_ADDRESS=0 QUEUE_LIMIT=1000 QUEUE_LIMIT_PER_USER=1000 script/up`.
Nothing else should run beside it. The clients share its machine, and take their part of it.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bench.measure import Measure, median, show
from bench.rest import Site, judge_once

ROUNDS = 40
CLIENTS = 8
BURST = 300
READS = 100
PATIENCE_SECONDS = 300.0


def main() -> int:
    options = _options()
    site = Site(options.url, options.token)
    code = sys.stdin.read()
    judge_once(site, options.problem, code)  # to warm up
    measures = [
        *_at_rest(site, options.problem, code),
        *_burst(site, options.problem, code),
        _reads("a problem", lambda: site.call(f"/api/problems/{options.problem}/"), 20),
        _reads("the newest submissions", lambda: site.call("/api/submissions/"), 60),
    ]
    return show("The service", measures, options.json)


def _at_rest(site: Site, problem: str, code: str) -> list[Measure]:
    done = [judge_once(site, problem, code)[1] for _ in range(ROUNDS)]
    return [median("POST to completed, at rest", done, "ms", 60), _p95("the same", done, "ms", 150)]


def _burst(site: Site, problem: str, code: str) -> list[Measure]:
    """All posted at once by some clients, and waited for."""
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        posted = list(clients.map(lambda _: site.submit(problem, code), range(BURST)))
    _wait_until_done(site, [path for path, _ in posted])
    rate = BURST / (time.perf_counter() - began)
    posts = [seconds * 1000 for _, seconds in posted]
    return [
        Measure(f"{BURST} submissions posted at once by {CLIENTS} clients", rate, "verdicts/s", 25, at_least=True),
        _p95("POST under that load", posts, "ms", 100),
    ]


def _wait_until_done(site: Site, paths: list[str]) -> None:
    """Each of them in turn, so that there is never more than one poll at a time."""
    for path in paths:
        shown = site.wait(path, poll_seconds=0.1, patience_seconds=PATIENCE_SECONDS)
        if shown["verdict"] != "AC":
            raise SystemExit(f"the program should be accepted, but got {shown['verdict'] or shown['failure']}")


def _reads(name: str, read: Callable[[], object], limit: float) -> Measure:
    taken = []
    for _ in range(READS):
        began = time.perf_counter()
        read()
        taken.append((time.perf_counter() - began) * 1000)
    return _p95(f"reading {name}", taken, "ms", limit)


def _p95(name: str, values: list[float], unit: str, limit: float) -> Measure:
    value = statistics.quantiles(values, n=20)[-1]
    return Measure(f"{name}, p95", value, unit, limit, f"median {statistics.median(values):.3g} {unit}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench service", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", required=True, help="of `script/manage api_token`")
    parser.add_argument("--problem", required=True, help="slug; an accepted program for it is read from standard input")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
