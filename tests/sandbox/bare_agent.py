"""An agent in no particular surroundings: `python -m tests.sandbox.bare_agent DIRECTORY [LEFT]`.

It claims to find LEFT left over after each run.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from execution.sandbox import forking
from runner_image import artifacts
from runner_image.agent import serve
from runner_image.meter import Meter
from runner_image.room import Room, make_pipes


class BareRoom(Room):
    """A directory, and programs with all our rights."""

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory), {"PATH": "/usr/bin:/bin"})
        self.left: str | None = None
        self.out: int | None = None

    def pipes(self) -> list[tuple[int, int]]:
        return make_pipes()

    def start(self, argv: list[str], streams: Sequence[int]) -> tuple[int, int]:
        return forking.start(argv, streams, self.box, self.environment, enter=lambda: None)

    def processes(self) -> list[int]:
        return []

    def collect(self, max_bytes: int) -> Iterator[tuple[str, bytes]]:
        return artifacts.read(self.out, max_bytes) if self.out else iter(())

    def kill(self) -> None: ...

    def wipe(self) -> None: ...

    def leftovers(self) -> str | None:
        return self.left


class NoMeter(Meter):
    def cpu_ns(self) -> int:
        return 0

    def memory_bytes(self) -> int:
        return 0

    def oom_kills(self) -> int:
        return 0


def main() -> None:
    room = BareRoom(Path(sys.argv[1]))
    room.left = sys.argv[2] if len(sys.argv) > 2 else None
    serve(lambda: (room, NoMeter()))


if __name__ == "__main__":
    main()
