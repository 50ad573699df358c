"""The people of a soak: each submits, polls, reads and errs, and knows what the right answer to each request is."""

import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import requests

PROBLEM = "aplusb"
PASSWORD = "a long one for the soak"  # noqa: S105  # nosec B105 - of users who live for ten minutes
OUTSTANDING = 10  # submissions that a client waits for at most, but for a greedy moment
QUEUE_PER_USER = 20  # the instance's limit; a greedy client runs into it
GREEDY = QUEUE_PER_USER + 10
DRAIN_SECONDS, PATIENCE_SECONDS = 120.0, 30.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.04, 0.12  # seconds between two things that a client does
ERROR_FIELDS = {"message", "status", "timestamp", "path", "requestId"}

T = TypeVar("T")
Json = Any
Check = Callable[[requests.Response], bool]


class Kind(NamedTuple):
    """A kind of program, and the verdict it gets."""

    language: str
    code: str
    verdict: str


class Awaited(NamedTuple):
    path: str
    is_right: Callable[[Json], bool]


SUM = "print(sum(map(int, input().split())))\n"
PROGRAMS = {  # with how often each is sent
    Kind("python3", SUM, "AC"): 60,
    Kind("python3", "print(sum(map(int, input().split())) + 1)\n", "WA"): 15,
    Kind("python3", "raise ValueError(input())\n", "RE"): 10,
    Kind("python3", "print(1\n", "CE"): 5,
    Kind("python3", "while True: pass\n", "TLE"): 1,
}
CPP = "#include <iostream>\nlong long a, b;\nint main() {{ std::cin >> a >> b; std::cout << {sum}; }}\n// {remark}\n"
CPP_PROGRAMS = {
    Kind("cpp", CPP.format(sum="a + b", remark=""), "AC"): 6,
    Kind("cpp", CPP.format(sum="a - b", remark=""), "WA"): 3,
    Kind("cpp", CPP.format(sum="a +", remark=""), "CE"): 1,
}
NEW_CPP = 20  # one of so many is a program that nobody has compiled yet

NOBODYS_ID = "00000000-0000-7000-8000-000000000000"
READ = (
    *["/", f"/problems/{PROBLEM}/", "/submissions/", "/submissions/?verdict=AC", "/api/problems/", "/api/languages/"],
    *[f"/api/problems/{PROBLEM}/", "/api/submissions/", f"/api/submissions/?problem={PROBLEM}&verdict=WA"],
    *["/health", "/readyz"],
)
_SENT = {"problem": PROBLEM, "language": "python3", "code": SUM}
ERRORS: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
    ("POST", "/api/submissions/", 400, {"json": _SENT | {"problem": "nosuch"}}),
    ("POST", "/api/submissions/", 400, {"json": _SENT | {"language": "cobol"}}),
    ("POST", "/api/submissions/", 400, {"json": _SENT | {"code": "\0"}}),
    ("POST", "/api/submissions/", 400, {"json": _SENT | {"code": "#" * 70_000}}),
    ("POST", "/api/submissions/", 400, {"data": b"{", "headers": {"Content-Type": "application/json"}}),
    ("POST", "/api/submissions/", 413, {"data": b"[" * 2_000_000, "headers": {"Content-Type": "application/json"}}),
    ("POST", "/api/submissions/", 415, {"data": b"code", "headers": {"Content-Type": "text/plain"}}),
    ("POST", "/api/submissions/", 401, {"json": _SENT, "headers": {"Authorization": ""}}),
    ("GET", "/api/submissions/", 401, {"headers": {"Authorization": "Token wrong"}}),
    ("GET", "/api/submissions/?cursor=wrong", 404, {}),
    ("GET", f"/api/submissions/{NOBODYS_ID}/", 404, {}),
    ("POST", f"/api/submissions/{NOBODYS_ID}/cancel/", 404, {}),
    ("DELETE", "/api/submissions/", 405, {}),
    ("GET", "/api/nosuch/", 404, {}),
)


@dataclass
class Tally:
    """What became of all requests and submissions. Shared by all clients."""

    answered: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)
    judged: int = 0
    runs: int = 0
    misjudged: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, trouble: str = "") -> None:
        with self._lock:
            if trouble:
                self.unanswered.append(f"{what}: {trouble}")
            else:
                self.answered[what] += 1

    def end(self, path: str, answer: Json, is_right: bool) -> None:
        with self._lock:
            if path.startswith("/api/runs/"):
                self.runs += 1
            else:
                self.judged += 1
            if not is_right:
                self.misjudged.append(f"{path}: {answer['status']} {answer['verdict']} {answer['failure']}")

    def refuse(self) -> None:
        with self._lock:
            self.refused += 1


class Pace:
    """Hands out submissions to send, evenly over the time there is; late ones are still to be sent."""

    def __init__(self, submissions: int, seconds: float) -> None:
        self._left = submissions
        self._each = seconds / max(submissions, 1)
        self._next = time.monotonic()
        self.until = self._next + seconds
        self._lock = threading.Lock()

    def is_due(self) -> bool:
        """Whether one is to be sent now; if so it counts as sent."""
        with self._lock:
            if not self._left or time.monotonic() < self._next:
                return False
            self._hand_out(1)
            return True

    def take(self, wanted: int) -> int:
        """How many of so many there are to send, whether due or not; they count as sent."""
        with self._lock:
            return self._hand_out(min(wanted, self._left))

    def give_back(self, count: int) -> None:
        """So many were taken and not accepted."""
        with self._lock:
            self._hand_out(-count)

    def _hand_out(self, count: int) -> int:
        self._left -= count
        self._next += self._each * count
        return count

    def is_over(self) -> bool:
        return not self._left and time.monotonic() >= self.until


class Client:
    """One user, with a browser's session and an API token."""

    def __init__(self, url: str, name: str, tally: Tally, has_cpp: bool) -> None:
        self._url, self.name, self._tally = url, name, tally
        self._api, self._browser = requests.Session(), requests.Session()
        self._random = random.Random(name)  # noqa: S311  # nosec B311 - to be the same in each run
        self._programs = PROGRAMS | (CPP_PROGRAMS if has_cpp else {})
        self._awaited: list[Awaited] = []
        self._newest = ""
        self._remarks = itertools.count()
        self._deeds: dict[Callable[[], object], int] = {
            self._read: 12,
            self._err: 4,
            self._run: 3,
            self._look_at_newest: 3,
        }

    def use_token(self, token: str) -> None:
        self._api.headers["Authorization"] = f"Token {token}"

    def close(self) -> None:
        """Let the connections go; the next request makes new ones."""
        self._api.close()
        self._browser.close()

    # -- A round -----------------------------------------------------------------------------------------------------
    def work(self, pace: Pace, stop: threading.Event) -> None:
        """Send what is due, and do this and that, until the pace is over; then wait for what is still judged."""
        self._log_in()
        while not pace.is_over() and not stop.is_set():
            if len(self._awaited) < OUTSTANDING and pace.is_due():
                self._submit(pace)
            if self._awaited:
                self._poll()
            if self._random.random() < 0.4:
                self._one_of(self._deeds)()
            stop.wait(self._random.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))
        self._drain(stop)
        self.close()

    def _drain(self, stop: threading.Event) -> None:
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._awaited and not stop.is_set():
            if time.monotonic() > deadline:
                self._tally.unfinished += [awaited.path for awaited in self._awaited]
                return
            self._poll()
            stop.wait(0.05)

    def _submit(self, pace: Pace) -> None:
        """One, now and then one that is cancelled at once, and now and then as many as are taken."""
        luck = self._random.random()
        if luck < 0.03:
            self._submit_and_cancel()
        elif luck < 0.08:
            self._submit_by_page(self._program())
        else:
            self._send(self._program())
        if luck > 0.99:
            self._be_greedy(pace)

    # -- Submitting and polling --------------------------------------------------------------------------------------
    def _program(self) -> Kind:
        kind = self._one_of(self._programs)
        if kind.language == "cpp" and self._random.randrange(NEW_CPP) == 0:
            return kind._replace(code=f"{kind.code}// {self.name} {next(self._remarks)}\n")
        return kind

    def _send(self, kind: Kind, may_be_refused: bool = False) -> str:
        """The path of what was accepted, "" if it was not."""
        body = {"problem": PROBLEM, "language": kind.language, "code": kind.code}
        expected = {202, 429} if may_be_refused else {202}
        answer = self._ask("submit", "POST", "/api/submissions/", expected, _is_accepted_or_refused, json=body)
        if answer is None:
            return ""
        if answer.status_code == 429:
            self._tally.refuse()
            return ""
        self._newest = str(answer.json()["url"])
        self._await(self._newest, lambda shown: shown["verdict"] == kind.verdict)
        return self._newest

    def _await(self, path: str, is_right: Callable[[Json], bool]) -> None:
        self._awaited.append(Awaited(path, is_right))

    def _submit_and_cancel(self) -> None:
        kind = self._program()
        if path := self._send(kind):
            self._ask("cancel", "POST", f"{path}cancel/", {200, 409})
            del self._awaited[-1]
            self._await(path, lambda shown: shown["verdict"] == kind.verdict or "ancelled" in str(shown["failure"]))

    def _be_greedy(self, pace: Pace) -> None:
        for left in range(pace.take(GREEDY), 0, -1):
            if not self._send(Kind("python3", SUM, "AC"), may_be_refused=True):
                pace.give_back(left)
                return

    def _submit_by_page(self, kind: Kind) -> None:
        page = self._page("read page", f"/problems/{PROBLEM}/")
        if page is not None:
            form = {"csrfmiddlewaretoken": _csrf(page.text), "language": kind.language, "code": kind.code}
            answer = self._page("submit by page", f"/problems/{PROBLEM}/", {302}, form)
            if answer is not None:
                self._await(f"/api{answer.headers['Location']}", lambda shown: shown["verdict"] == kind.verdict)

    def _run(self) -> None:
        if len(self._awaited) >= OUTSTANDING:
            return  # it was greedy, and may send no more
        text = str(self._random.randrange(1000))
        body = {"language": "python3", "code": "print(input()[::-1])", "input": text}
        answer = self._ask("run", "POST", "/api/runs/", {202}, _is_accepted_or_refused, json=body)
        if answer is not None:
            self._await(answer.json()["url"], lambda shown: shown["stdout"].strip() == text[::-1])

    def _poll(self) -> None:
        awaited = self._awaited.pop(0)
        answer = self._ask("poll", "GET", awaited.path, {200})
        shown = None if answer is None else answer.json()
        if shown is not None and shown["status"] in {"completed", "failed"}:
            self._tally.end(awaited.path, shown, awaited.is_right(shown))
        else:
            self._awaited.append(awaited)

    # -- Reading, logging in, and sending what makes no sense --------------------------------------------------------
    def _read(self) -> None:
        path = self._random.choice(READ)
        if path.startswith(("/api/", "/health", "/readyz")):
            self._ask("read API", "GET", path, {200}, lambda answer: answer.json() is not None)
        else:
            self._page("read page", path)

    def _look_at_newest(self) -> None:
        if self._newest:
            self._ask("source", "GET", f"{self._newest}source/", {200}, lambda answer: bool(answer.json()["files"]))
            self._page("submission page", self._newest.removeprefix("/api"), {200, 404})

    def _err(self) -> None:
        method, path, expected, given = self._random.choice(ERRORS)
        self._ask(f"error {expected}", method, path, {expected}, _is_error, **given)

    def sign_up(self) -> None:
        self._fill_in("signup", {"username": self.name, "email": "", "password1": PASSWORD, "password2": PASSWORD})

    def _log_in(self) -> None:
        self._browser.cookies.clear()
        self._fill_in("login", {"login": self.name, "password": PASSWORD})

    def _fill_in(self, name: str, fields: Mapping[str, str]) -> None:
        page = self._page(f"{name} page", f"/accounts/{name}/")
        if page is not None:
            form = {"csrfmiddlewaretoken": _csrf(page.text), **fields}
            self._page(name, f"/accounts/{name}/", {302}, form)

    # -- One request -------------------------------------------------------------------------------------------------
    def _page(
        self, what: str, path: str, expected: Set[int] = frozenset({200}), form: Mapping[str, str] | None = None
    ) -> requests.Response | None:
        method = "GET" if form is None else "POST"
        headers = {"Referer": self._url}
        return self._ask(what, method, path, expected, _is_page, self._browser, data=form, headers=headers)

    def _ask(
        self,
        what: str,
        method: str,
        path: str,
        expected: Set[int],
        is_right: Check = lambda answer: True,
        session: requests.Session | None = None,
        **given: Any,
    ) -> requests.Response | None:
        """The answer, None if it was none or not one that is right for the request."""
        try:
            answer = (session or self._api).request(
                method, self._url + path, timeout=PATIENCE_SECONDS, allow_redirects=False, **given
            )
            if answer.status_code not in expected:
                trouble = f"{answer.status_code} {answer.text[:200]}"
            else:
                trouble = "" if is_right(answer) else f"not what was asked for: {answer.text[:200]}"
        except (requests.RequestException, ValueError, LookupError) as error:
            trouble = repr(error)
        self._tally.count(what, trouble and f"{method} {path}: {trouble}")
        return None if trouble else answer

    def _one_of(self, weighted: Mapping[T, int]) -> T:
        return self._random.choices(list(weighted), list(weighted.values()))[0]


# -- Which answer is right -------------------------------------------------------------------------------------------
def _is_accepted_or_refused(answer: requests.Response) -> bool:
    if answer.status_code == 202:
        return bool(answer.headers["Location"] == answer.json()["url"] and answer.json()["id"])
    return int(answer.headers["Retry-After"]) > 0 and _is_error(answer)


def _is_error(answer: requests.Response) -> bool:
    body = answer.json()
    return bool(body.keys() >= ERROR_FIELDS and body["status"] == answer.status_code)


def _is_page(answer: requests.Response) -> bool:
    return answer.is_redirect or (answer.text.startswith("<!doctype html>") and "</html>" in answer.text)


def _csrf(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    return found[1] if found else ""
