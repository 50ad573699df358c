"""An agent in no particular surroundings: `python -m tests.sandbox.bare_agent DIRECTORY [LEFT]`.

It claims to find LEFT left over after each run.
"""

import sys
from pathlib import Path

from runner_image.agent import serve
from runner_image.meter import Meter
from runner_image.room import Room, make_pipes


class BareRoom(Room):
    """A directory, and programs with all our rights."""

    def __init__(self, directory: Path) -> None:
        super().__init__(str(directory), {"PATH": "/usr/bin:/bin"})
        self.left: str | None = None

    def pipes(self) -> list[tuple[int, int]]:
        return make_pipes()

    def enter(self) -> None: ...

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
