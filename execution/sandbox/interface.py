"""What the engine asks of a sandbox. Knows neither Django nor Docker.

A pool leases sandboxes; a sandbox judges one submission at a time and runs its program once per test. What the
*program* does wrong comes back as a value (`RunReport`). What *we* do wrong is raised, and retried elsewhere:

    SandboxError
    ├── SandboxUnavailable   none to be had just now: the engine is down
    │   └── ImageMissing     nor later, before somebody builds the image
    └── SandboxBroken        one failed under us: it died, its stream is garbled, it missed a deadline
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

AGENT_RESERVE_MB = 16  # of a sandbox's memory: the agent's own
OUT = "/out"  # where a compiler writes, in images that compile: writable, not executable, emptied after each run


class SandboxError(Exception):
    """The platform's fault, never the program's: no verdict may follow from it."""


class SandboxUnavailable(SandboxError):
    """No sandbox can be had at the moment."""


class ImageMissing(SandboxUnavailable):
    """No sandbox of this image can be had, as it was not built."""


class SandboxBroken(SandboxError):
    """A leased sandbox failed; it is destroyed and must not be used again."""


class Exceeded(StrEnum):
    """The limit that ended a run."""

    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a submission needs of its sandbox.

    `image` is a runner image's short name ("python3"). `memory_kb` is what the program may use, the language's
    grant included; None takes the container's default size.
    """

    image: str
    memory_kb: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run: milliseconds of CPU of the whole process tree, of wall clock; bytes of output kept.

    `memory_kb` (KiB) is None where only the sandbox's own size bounds the program. `artifact_bytes` is how much of
    what it leaves in `OUT` may be taken from there, all files together; 0 takes nothing.
    """

    cpu_ms: int
    wall_ms: int
    memory_kb: int | None
    output_bytes: int
    stderr_bytes: int = 16 * 1024
    artifact_bytes: int = 0


@dataclass(frozen=True, slots=True)
class RunReport:
    """What became of one run.

    Exactly one of `exit_code` and `signal` is set. `stdout` is at most `Limits.output_bytes` long, `stderr` at most
    `Limits.stderr_bytes`. `cpu_ms` covers the whole process tree; `memory_kb` (KiB) is its peak. `exceeded` names the
    limit that ended the run, if one did. `artifacts` are the files (relative names to contents) that it left in `OUT`,
    where they were asked for and it ended with exit code 0.
    """

    exit_code: int | None
    signal: int | None
    cpu_ms: int
    wall_ms: int
    memory_kb: int
    stdout: bytes
    stderr: bytes
    exceeded: Exceeded | None = None
    artifacts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PoolStat:
    """Sandboxes idle and running now; created, destroyed and reused since the pool began.

    `away`: none can be made just now, whatever the image.
    """

    idle: int
    running: int
    created: int
    destroyed: int
    reused: int
    away: bool = False


class Sandbox(Protocol):
    """A clean room for one submission, from its lease to its release."""

    def load(self, files: Mapping[str, bytes], *, executable: bool = False) -> None:
        """Place files (relative names to contents) where each run starts, read-only to it; `executable` ones may run.

        They take the place of those loaded before. Raises SandboxError.
        """

    def run(self, argv: Sequence[str], stdin: bytes | Path, limits: Limits) -> RunReport:
        """Run `argv` in the directory of the loaded files, `stdin` (content, or a file of ours to stream) as its input.

        When it returns, nothing of the run is left in the sandbox. Raises SandboxError.
        """


class SandboxPool(Protocol):
    """Leases sandboxes, keeps idle ones warm."""

    def lease(self, profile: Profile) -> AbstractContextManager[Sandbox]:
        """A sandbox for one submission, once fewer are leased than may be at once. Raises SandboxError.

        Left by an exception, the sandbox is destroyed. Who holds a lease must not ask for another.
        """

    def stat(self) -> PoolStat: ...

    def close(self) -> None:
        """Destroy all idle sandboxes, and each leased one as it comes back. Later leases raise SandboxUnavailable."""

    def abort(self) -> None:
        """End the leased sandboxes at once, so that whoever uses one gets SandboxBroken; lease none any more."""
