"""Ten minutes of mixed load on an instance of its own, and what of it stays: memory, files, containers, keys.

Starts everything it needs and stops it again. The load comes in rounds; between two of them all that was submitted is
waited for, and the instance is looked at while it rests. The first half warms it up. A short one, by hand:
`script/soak --minutes 0.5 --submissions 300`.
"""

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests

from bench.instance import Instance, instance
from bench.measure import Measure, show
from bench.soak_clients import QUEUE_PER_USER, Client, Pace, Tally
from bench.soak_state import State, compare, lean_memory_mb, look, middle, settle
from launcher.engine import has_image
from runner_image import images

CLIENTS = 8
ROUNDS = 10
CROWD = 200  # requests at once: more than the web has threads
ANSWERED_PERCENT = 99.9
PROBE_SECONDS = 120.0
TROUBLES = 20  # of which so many are told in full
INTERRUPTED = 130
SETTINGS = {
    "SUBMISSIONS_PER_MINUTE": "0",
    "SUBMISSIONS_PER_MINUTE_PER_ADDRESS": "0",
    "QUEUE_LIMIT": "1000",
    "QUEUE_LIMIT_PER_USER": str(QUEUE_PER_USER),
    "SANDBOX": "docker",
}


def main() -> int:
    options = _options()
    _say("starting an instance")
    try:
        with instance(**SETTINGS) as under_load:
            measures = _soak(under_load, options.minutes * 60, options.submissions)
    except KeyboardInterrupt:
        _say("interrupted; all is stopped")
        return INTERRUPTED
    return show(f"{options.minutes:g} minutes, {options.submissions} submissions", measures, options.json)


def _soak(under_load: Instance, seconds: float, submissions: int) -> list[Measure]:
    tally = Tally()
    clients = _clients(under_load, tally)
    _crowd(under_load.url)
    began = time.monotonic()
    states: list[State] = []
    lean = []
    for number in range(1, ROUNDS + 1):
        _round(clients, Pace(submissions // ROUNDS, seconds / ROUNDS))
        settle(under_load)
        states.append(look(under_load, time.monotonic() - began, tally.judged))
        _say(_progress(number, states[-1], tally))
        if number in {middle(ROUNDS) + 1, ROUNDS}:
            lean.append(lean_memory_mb(under_load))
    return [*_answers(tally, submissions), *compare(states, (lean[0], lean[1]))]


def _clients(under_load: Instance, tally: Tally) -> list[Client]:
    has_cpp = _has_cpp(under_load)
    _say("submitting in Python and C++" if has_cpp else "submitting in Python; there is no image for C++")
    clients = [Client(under_load.url, f"soak{number}", tally, has_cpp) for number in range(CLIENTS)]
    for client in clients:
        client.sign_up()
        client.use_token(under_load.manage("api_token", client.name))
    return clients


def _has_cpp(under_load: Instance) -> bool:
    """Whether there is an image for C++; if so, once it is judged."""
    if not has_image(under_load.docker_host, images.tag("cpp")):
        return False
    deadline = time.monotonic() + PROBE_SECONDS
    while time.monotonic() < deadline:
        languages = requests.get(f"{under_load.url}/api/languages/", timeout=10).json()
        if all(language["available"] for language in languages if language["id"] == "cpp"):
            return True
        time.sleep(0.5)
    raise SystemExit(f"There is an image for C++, but it is not judged after {PROBE_SECONDS} s.")


def _crowd(url: str) -> None:
    """Wake all of the web's threads, each of which keeps a connection to the database: later ones would be growth."""
    with ThreadPoolExecutor(CROWD) as threads:
        list(threads.map(lambda _: requests.get(f"{url}/submissions/", timeout=60), range(CROWD)))


def _round(clients: Sequence[Client], pace: Pace) -> None:
    """All clients at work, until the pace is over and all is judged."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(clients)) as threads:
        try:
            for work in [threads.submit(client.work, pace, stop) for client in clients]:
                work.result()
        finally:
            stop.set()


def _answers(tally: Tally, submissions: int) -> Iterator[Measure]:
    answered, unanswered = sum(tally.answered.values()), len(tally.unanswered)
    kinds = ", ".join(f"{count} {kind}" for kind, count in tally.answered.most_common())
    for trouble in [*tally.unanswered, *tally.misjudged, *tally.unfinished][:TROUBLES]:
        _say(trouble)
    percent = 100 * answered / (answered + unanswered)
    yield Measure("requests answered", percent, "%", ANSWERED_PERCENT, f"{kinds}; {unanswered} not", at_least=True)
    spread = f"and {tally.runs} runs; {tally.refused} refused, as they should be"
    yield Measure("submissions that came to their end", tally.judged, "", submissions, spread, at_least=True)
    yield Measure("judged otherwise than they should be", len(tally.misjudged), "", 0)
    yield Measure("not judged in time", len(tally.unfinished), "", 0)


def _progress(number: int, state: State, tally: Tally) -> str:
    memory = ", ".join(f"{part} {mb:.1f}" for part, mb in state.memory.items())
    return (
        f"round {number} of {ROUNDS}: {state.seconds:.0f} s, {state.submissions} submissions, "
        f"{sum(tally.answered.values())} requests answered, {len(tally.unanswered)} not; MB: {memory}"
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of load (10)")
    parser.add_argument("--submissions", type=int, default=10_000, help="in all of them together (10,000)")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
