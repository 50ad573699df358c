"""Handlers for the fake sandbox."""

from collections.abc import Callable, Mapping, Sequence

from execution.sandbox.fake import Handler, report
from execution.sandbox.interface import Limits, RunReport


def on_tests(answer: RunReport | Callable[[bytes], RunReport]) -> Handler:
    """Gives on each test the report, or what it makes of the input; the compiler has nothing against it."""

    def handler(files: Mapping[str, bytes], argv: Sequence[str], stdin: bytes, limits: Limits) -> RunReport:
        if "-c" in argv:
            return report()
        return answer(stdin) if callable(answer) else answer

    return handler


solves = on_tests(lambda stdin: report(b"%d\n" % (int(stdin) + 1)))
