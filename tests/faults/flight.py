"""Thirty submissions in flight, whose verdicts are known beforehand, and what must be true of them in the end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from bench.rest import Site
from tests.faults.database import Judged
from tests.faults.stack import Stack, eventually

# For the problem `brief`: prints the next number; three tests (1, 20, 300), a second of CPU time, 5 s of wall clock.
LONG = "import time\nn = int(input())\ntime.sleep(2.5)\nprint(n + 1)\n"  # 7.5 s in all
GOOD = "print(int(input()) + 1)\n"
SLEEPY = "import time\nn = int(input())\ntime.sleep(0.2)\nprint(n + 1)\n"
WRONG = "print(int(input()) + 2)\n"
WRONG_AT_LAST = "n = int(input())\nprint(n + 1 + (n == 300))\n"
SPINS = "input()\nwhile True:\n    pass\n"
SLEEPS = "import time\ninput()\ntime.sleep(60)\n"
MIXED = [
    *[(LONG, "AC")] * 3,
    *[(GOOD, "AC"), (WRONG, "WA"), (SLEEPY, "AC"), (WRONG_AT_LAST, "WA"), (GOOD, "AC"), (SLEEPY, "AC")] * 2,
    (SPINS, "TLE"),
    (SLEEPS, "TLE"),
    *[(GOOD, "AC"), (WRONG, "WA"), (SLEEPY, "AC"), (WRONG_AT_LAST, "WA"), (GOOD, "AC"), (SLEEPY, "AC")] * 2,
    (SPINS, "TLE"),
]
LANDING_SECONDS = 180
KEPT = 3  # idle containers of an image


@dataclass(slots=True)
class Flight:
    """What was submitted: the id (32 hex digits) and the verdict that is right."""

    stack: Stack
    sites: Iterator[Site]
    wanted: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, stack: Stack, sites: Sequence[Site], programs: Sequence[tuple[str, str]] = MIXED) -> "Flight":
        """Let the users submit them in turn, and wait until all the worker's hands are full."""
        flight = cls(stack, cycle(sites))
        for code, verdict in programs:
            flight.submit(code, verdict)
        eventually(lambda: len(flight.running()) == 3)
        return flight

    def submit(self, code: str, verdict: str) -> float:
        """The seconds that it took to be accepted."""
        path, seconds = next(self.sites).submit("brief", code)
        self.wanted[path.strip("/").rpartition("/")[2].replace("-", "")] = verdict
        return seconds

    def rows(self) -> list[Judged]:
        return [row for row in self.stack.database.judgements() if row.submission in self.wanted]

    def running(self) -> list[Judged]:
        return [row for row in self.rows() if row.state == "running"]

    def assert_hit(self, least: int = 1) -> None:
        """That the fault, which has just come, found work under way."""
        assert len(self.running()) >= least

    def land(self, lost_attempts: int = 0) -> None:
        """All are judged, rightly and once; at most so many attempts were in vain. No more containers than are kept."""
        eventually(lambda: {row.state for row in self.rows()} <= {"completed", "failed"}, LANDING_SECONDS)
        rows = self.rows()
        assert {row.submission: (row.state, row.verdict, row.failure) for row in rows} == {
            submission: ("completed", verdict, "") for submission, verdict in self.wanted.items()
        }
        assert len(rows) == len(self.wanted), "one judgement each"
        results = Counter(self.stack.database.results())
        assert {results[submission] for submission in self.wanted} == {1}, "none with two results"
        assert sum(row.attempt - 1 for row in rows) <= lost_attempts
        eventually(lambda: len(self.stack.python_containers()) <= KEPT)
        eventually(lambda: self.stack.health().get("ready"))
