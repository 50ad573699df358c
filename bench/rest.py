"""What one submission costs while nothing else is going on, from the client's clock.

Runs against an instance that is up (`script/up`), best with SUBMISSIONS_PER_MINUTE=0. Each number is a median; the
spread stands beside it, since other work may share the machine.
"""

import argparse
import sys
import time
from typing import Any

import urllib3

from bench.measure import median, show

ROUNDS = 20
POLL_SECONDS = 0.005
PATIENCE_SECONDS = 60


class Site:
    """The API of an instance, called as one user, whose connection is kept as a browser keeps it."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url.rstrip("/"), token
        self._http = urllib3.PoolManager(timeout=PATIENCE_SECONDS, retries=False)

    def call(self, path: str, body: Any = None) -> Any:
        """What it answers; POST where there is a body. Raises OSError where that is no success, or nothing comes."""
        method = "GET" if body is None else "POST"
        headers = {"Authorization": f"Token {self.token}"}
        try:
            answer = self._http.request(method, self.url + path, json=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise OSError(f"{method} {path}: {error}") from error
        if answer.status >= 400:
            raise OSError(f"{method} {path}: {answer.status} {answer.data[:500]!r}")
        return answer.json()

    def submit(self, problem: str, code: str) -> tuple[str, float]:
        """The submission's path, and how long the answer took (seconds)."""
        began = time.perf_counter()
        answer = self.call("/api/submissions/", {"problem": problem, "language": "python3", "code": code})
        return answer["url"], time.perf_counter() - began

    def wait(self, path: str, poll_seconds: float = POLL_SECONDS, patience_seconds: float = PATIENCE_SECONDS) -> Any:
        """Poll until it is done."""
        deadline = time.perf_counter() + patience_seconds
        while time.perf_counter() < deadline:
            shown = self.call(path)
            if shown["status"] in {"completed", "failed"}:
                return shown
            time.sleep(poll_seconds)
        raise TimeoutError(f"{path} is not done after {patience_seconds} s")


def main() -> int:
    options = _options()
    site = Site(options.url, options.token)
    code = sys.stdin.read()
    judge_once(site, options.problem, code)  # a first one, to warm up
    rounds = [judge_once(site, options.problem, code) for _ in range(ROUNDS)]
    measures = [
        median("POST answered", [post for post, _ in rounds], "ms", options.post_limit),
        median("POST to completed", [done for _, done in rounds], "ms", options.done_limit),
    ]
    return show(f"At rest, median of {ROUNDS}", measures, options.json)


def judge_once(site: Site, problem: str, code: str) -> tuple[float, float]:
    """Milliseconds until the answer, and until it was judged."""
    began = time.perf_counter()
    path, post = site.submit(problem, code)
    shown = site.wait(path)
    if shown["verdict"] != "AC":
        raise SystemExit(f"the program should be accepted, but got {shown['verdict'] or shown['failure']}")
    return post * 1000, (time.perf_counter() - began) * 1000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench rest", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", required=True, help="of `script/manage api_token`")
    parser.add_argument("--problem", required=True, help="slug; an accepted program for it is read from standard input")
    parser.add_argument("--post-limit", type=float, default=30, help="ms")
    parser.add_argument("--done-limit", type=float, default=400, help="ms")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
