"""What it costs to read an instance: polls, a problem, and the lists of one that has been in use for years.

The site is served by one process of gunicorn's, of this benchmark's own, and asked over connections that are kept. What
is compared takes turns.
"""

import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlencode, urlsplit

from bench.instance import Instance, free_port, wait
from bench.measure import Measure, median, p95
from bench.rest import Site
from launcher.home import ROOT
from launcher.supervisor import die_with_parent

EMPTY = "/bench/empty/"
READERS, BATCH, ROUNDS = 4, 30, 9
LIST_ROUNDS = 60
START_SECONDS = 30.0
NO_REDIS = "unix:///nonexistent/redis.sock"
# Sleeps for about as long as its tests' wall limit lets it, so that it can be polled while it runs.
SLOW = "import time\ntime.sleep(4)\na, b = map(int, input().split())\nprint(a + b)\n"
SESSION = """
from django.test import Client
from accounts.models import User
client = Client()
client.force_login(User.objects.get(username="client"))
print(client.cookies["sessionid"].value)
"""
# Fills the database; says where the 500th page begins, and names a submission of ten tests and its sender's session.
SETTLE = """
import json
from django.db import transaction
from django.test import Client
from tests.database import crowd
from execution.listing import PAGE_SIZE, Place
from execution.models import Judgement, Submission
with transaction.atomic():
    crowd.settle()
last = Submission.objects.order_by("-created", "-id")[499 * PAGE_SIZE - 1]
own = Submission.objects.filter(current__verdict="WA", problem__is_public=True).order_by("created").last()
code = "a, b = map(int, input().split())\\nprint(a + b)\\n" * 10
Submission.objects.filter(pk=own.pk).update(files=[{"name": "main.py", "content": code}])
test = {"verdict": "AC", "timeMs": 20, "memoryKb": 9000, "isSample": False, "detail": ""}
tests = [test | {"number": number} for number in range(1, 11)]
Judgement.objects.filter(pk=own.current_id).update(result={"tests": tests, "total": 10, "compileOutput": ""})
client = Client()
client.force_login(own.owner)
session = client.cookies["sessionid"].value
print(json.dumps([str(Place(last.created, last.pk)), str(own.pk), own.problem.slug, session]))
"""


class Reader:
    """One client with one connection, which it keeps."""

    def __init__(self, url: str, session: str = "") -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._headers = {"Cookie": f"sessionid={session}"} if session else {}

    def get(self, path: str) -> float:
        """The milliseconds that the answer took."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        return (time.perf_counter() - began) * 1000


class Crowd:
    """As many readers at once as keep the server busy."""

    def __init__(self, url: str, session: str = "") -> None:
        self._readers = [Reader(url, session) for _ in range(READERS)]

    def rate(self, path: str) -> float:
        """Answers a second."""
        began = time.perf_counter()
        with ThreadPoolExecutor(READERS) as threads:
            list(threads.map(lambda reader: [reader.get(path) for _ in range(BATCH)], self._readers))
        return READERS * BATCH / (time.perf_counter() - began)


def polls_and_problem(up: Instance, client: Site, problem: str) -> Iterator[Measure]:
    """Polls against an empty page for who is signed in, and a problem from the cache against one that isn't."""
    finished, _ = client.submit(problem, SLOW.replace("4", "0"))
    client.wait(finished)
    running, _ = client.submit(problem, SLOW)
    wait(lambda: bool(client.call(running)["status"] == "running"), START_SECONDS)
    session = up.manage("shell", "--verbosity=0", "--command", SESSION)
    with _serving(up.env) as url, _serving(up.env | {"REDIS_URL": NO_REDIS}) as without_cache:
        crowd = Crowd(url, session)
        empty, runs, ended = _in_turns(*(partial(crowd.rate, path) for path in (EMPTY, running, finished)))
        if client.call(running)["status"] != "running":
            raise SystemExit("it should have run for longer than it was polled")
        yield _times_as_fast("polls of a running one, against an empty page", runs, empty, 0.6)
        yield _times_as_fast("polls of a finished one, against an empty page", ended, empty, 0.6)
        crowds = [Crowd(server) for server in (url, without_cache)]
        cached, uncached = _in_turns(*(partial(crowd.rate, f"/api/problems/{problem}/") for crowd in crowds))
        yield _times_as_fast("a problem from the cache, against not", cached, uncached, 2)


def lists(up: Instance) -> Iterator[Measure]:
    """The first and the 500th page with 200,000 submissions, all of 2,000 problems; and what a user sees of it."""
    with tempfile.TemporaryDirectory(prefix="verdict-bench-") as directory:
        env = up.env | {
            "DATABASE_URL": f"sqlite:///{directory}/crowd.sqlite3",
            "REDIS_URL": f"{up.env['REDIS_URL']}?db=1",
        }
        _manage(env, "migrate", "--verbosity=0")
        place, submission, problem, session = json.loads(_manage(env, "shell", "--verbosity=0", "--command", SETTLE))
        _manage(env, "recount")
        cursor = b64encode(urlencode({"p": place.partition("~")[0]}).encode()).decode()
        pages = {
            "submissions, first page": "/submissions/",
            "submissions, 500th page": f"/submissions/?{urlencode({'after': place})}",
            "the API's submissions, first page": "/api/submissions/",
            "the API's submissions, 500th page": f"/api/submissions/?{urlencode({'cursor': cursor})}",
            "problems, first page": "/",
            "problems, last page": "/?page=36",
            "the API's problems": "/api/problems/",
        }
        own_pages = {
            "one's own list of problems": ("/", 40),
            "a problem": (f"/problems/{problem}/", 15),
            "a submission": (f"/submissions/{submission}/", 20),
        }
        with _serving(env) as url:
            reader, own = Reader(url), Reader(url, session)
            taken = _in_turns(*(partial(reader.get, path) for path in pages.values()), rounds=LIST_ROUNDS)
            own_taken = _in_turns(*(partial(own.get, path) for path, _ in own_pages.values()), rounds=LIST_ROUNDS)
        for name, values in zip(pages, taken, strict=True):
            yield p95(name, values, "ms", 60)
        for (name, (_, limit)), values in zip(own_pages.items(), own_taken, strict=True):
            yield median(name, values, "ms", limit)


def _in_turns(*calls: Callable[[], float], rounds: int = ROUNDS) -> list[list[float]]:
    """What each call said, after one to warm up."""
    said = [[call() for call in calls] for _ in range(rounds + 1)]
    return [list(column) for column in zip(*said[1:], strict=True)]


def _times_as_fast(name: str, ours: list[float], theirs: list[float], limit: float) -> Measure:
    our, their = statistics.median(ours), statistics.median(theirs)
    return Measure(name, our / their, "×", limit, f"{our:.3g} against {their:.3g} a second", at_least=True)


@contextmanager
def _serving(env: Mapping[str, str]) -> Iterator[str]:
    """The URL of a server with one process and this environment."""
    port = free_port()
    argv = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "judge" / "gunicorn.py"), "bench.empty"]
    env = {**env, "WEB_BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1"}
    server = subprocess.Popen(argv, cwd=ROOT, env=env, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent())  # noqa: PLW1509
    try:
        wait(lambda: _listens(port), START_SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(START_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _manage(env: Mapping[str, str], *command: str) -> str:
    argv = [sys.executable, str(ROOT / "manage.py"), *command]
    return subprocess.run(argv, env=env, check=True, capture_output=True, text=True).stdout.strip()
