"""Handlers for the fake sandbox, and what is judged in it."""

from collections.abc import Callable, Mapping, Sequence

from execution.compilation import Compiler
from execution.engine import GoOn, Job, Outcome, judge, stop_at_a_limit
from execution.sandbox.fake import FakePool, Handler, report
from execution.sandbox.interface import Limits, RunReport, SandboxPool
from execution.worker import Worker


def on_tests(answer: RunReport | Callable[[bytes], RunReport]) -> Handler:
    """Gives on each test the report, or what it makes of the input; the compiler has nothing against it."""

    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        if "-c" in argv:
            return report()
        return answer(stdin) if callable(answer) else answer

    return handler


solves = on_tests(lambda stdin: report(b"%d\n" % (int(stdin) + 1)))


def raising(error: Exception) -> Handler:
    """Fails each run with the error."""

    def handler(*_: object) -> RunReport:
        raise error

    return handler


class Memory(dict[str, Mapping[str, bytes]]):
    """A store of artifacts."""

    put = dict.__setitem__


def new_compiler(pool: SandboxPool) -> Compiler:
    return Compiler(pool, Memory(), lambda image: f"{image}:1")


class Judge:
    """Judges jobs in sandboxes that the handler makes."""

    def __init__(self, handler: Handler) -> None:
        self.pool = FakePool(handler)
        self._compiler = new_compiler(self.pool)

    def __call__(self, job: Job, go_on: GoOn = stop_at_a_limit) -> Outcome:
        return judge(self.pool, self._compiler, job, go_on)


def new_worker(handler: Handler = solves) -> Worker:
    """A worker that judges Python."""
    pool = FakePool(handler)
    return Worker(pool, new_compiler(pool), ["python3"])
