"""A sandbox driven by a function, for tests of everything above it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from execution.sandbox.interface import Limits, PoolStat, Profile, RunReport, Sandbox

# Given the files, the command, the input and the limits, what comes of the run; it may raise SandboxError.
Handler = Callable[[Mapping[str, bytes], Sequence[str], bytes, Limits], RunReport]


def report(
    stdout: bytes = b"", *, exit_code: int | None = 0, cpu_ms: int = 5, memory_kb: int = 8000, **more: object
) -> RunReport:
    """A report of a run that ended well, unless told otherwise."""
    defaults: dict[str, object] = {"signal": None, "wall_ms": cpu_ms, "stderr": b"", "exceeded": None} | more
    return RunReport(exit_code=exit_code, cpu_ms=cpu_ms, memory_kb=memory_kb, stdout=stdout, **defaults)  # type: ignore[arg-type]


class FakeSandbox:
    """Answers each run with what the handler returns."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.files: Mapping[str, bytes] = {}

    def load(self, files: Mapping[str, bytes], *, executable: bool = False) -> None:
        self.files = dict(files)

    def run(self, argv: Sequence[str], stdin: bytes | Path, limits: Limits) -> RunReport:
        content = stdin.read_bytes() if isinstance(stdin, Path) else stdin
        return self.handler(self.files, argv, content, limits)


class FakePool:
    """Leases a new FakeSandbox each time; remembers what for."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.leased: list[Profile] = []

    @contextmanager
    def lease(self, profile: Profile) -> Iterator[Sandbox]:
        self.leased.append(profile)
        yield FakeSandbox(self.handler)

    def stat(self) -> PoolStat:
        return PoolStat(idle=0, running=0, created=len(self.leased), destroyed=len(self.leased), reused=0)

    def close(self) -> None:
        """Nothing is kept, so there is nothing to destroy."""

    def abort(self) -> None:
        """Nothing runs outside of a call."""
