"""The agent: PID 1 of a runner container, through which all of the host's wishes pass.

Theory of operation
-------------------
The host attaches to the container's standard input and output and speaks frames (frames.py): it sends a request,
the agent answers it, one at a time.

    ping                                 → pong
    load {files: [{name, size}…], executable} + body
                                         → loaded         the submission's files, in place of those before
    run {argv, limits…}, input frames    → stdout frames, artifact {name} frames, report {figures, unclean} + stderr
    reset                                → reset {unclean} the files are gone, and whatever else might be left

Unasked, it says `ready` when it starts, or `refused {reason}` where the container isn't what it must be: then nothing
may run here. A frame that can't be read ends the agent: after that nothing in the stream can be trusted.

For each run it has the program started as an unprivileged user (program.py, container_room.py, starter.py), moves the
streams (streams.py), looks at the limits (run.py, cgroup.py), and when the program has ended kills what is left of that
user's processes, takes in what a compiler was to leave (artifacts.py), wipes what the program could write to, and looks
whether anything remains. `unclean` says what; the agent runs nothing after that, and the host destroys the container.

What holds everywhere:
* Of our code only a few lines of C run as the program's user, between fork and exec, and the agent never follows a
  path that the program made.
* Nothing of the program's is held in memory without a bound: input passes through inside the kernel, output in pieces.
* No wait without an end (channel.py). When the host is gone the agent exits, and the kernel kills whatever else is
  in a PID namespace whose first process ended.

It has only the standard library, of any Python from 3.11 on, and one thread.
"""

import os
import sys
from collections.abc import Callable

from runner_image import cgroup
from runner_image.artifacts import MAX_FILES, MAX_NAME
from runner_image.channel import IDLE_SECONDS, Channel, HostGone
from runner_image.container_room import ContainerRoom
from runner_image.frames import FrameError, Header, is_word, whole
from runner_image.meter import Meter
from runner_image.refusal import Refusal, StartError
from runner_image.room import Room
from runner_image.run import Run, clean


class Unclean(Exception):
    """Something is left of a program: this container must not be used again."""


class Agent:
    """Answers the host's requests."""

    def __init__(self, channel: Channel, room: Room, meter: Meter) -> None:
        self._channel, self._room, self._meter = channel, room, meter
        meter.rest_bytes = meter.memory_bytes()
        self._answers: dict[str, Callable[[Header], None]] = {
            "ping": self._ping,
            "load": self._load,
            "run": self._run,
            "reset": self._reset,
        }

    def serve(self) -> None:
        """Until the host is gone. Raises HostGone, FrameError, Unclean, StartError, OSError."""
        self._channel.send({"op": "ready"})
        while True:
            header = self._channel.receive(IDLE_SECONDS)
            op = header.get("op")
            if not isinstance(op, str) or op not in self._answers:
                raise FrameError(f"unknown request {op!r:.40}")
            self._answers[op](header)

    def _ping(self, header: Header) -> None:
        self._channel.send({"op": "pong"})

    def _load(self, header: Header) -> None:
        files = _files(header, self._channel.body_length)
        mode = 0o755 if header.get("executable") is True else 0o644
        self._room.clear_box()
        for name, size in files:
            fd = self._room.create(name, mode)
            try:
                self._channel.copy_body(size, fd)
            finally:
                os.close(fd)
        self._channel.send({"op": "loaded"})

    def _run(self, header: Header) -> None:
        run = Run(self._channel, self._room, self._meter, header)
        run.watch()
        unclean = run.end()
        self._channel.send(run.report() | {"unclean": unclean}, run.stderr())
        run.drain()
        if unclean:
            raise Unclean(unclean)

    def _reset(self, header: Header) -> None:
        self._room.clear_box()
        unclean = clean(self._room, self._meter)
        self._channel.send({"op": "reset", "unclean": unclean})
        if unclean:
            raise Unclean(unclean)


def _files(header: Header, body_length: int) -> list[tuple[str, int]]:
    """Names and sizes of the files of a `load`. Raises FrameError."""
    entries = header.get("files")
    if not isinstance(entries, list) or len(entries) > MAX_FILES:
        raise FrameError(f"files must be a list of at most {MAX_FILES}")
    files = [(_name(entry), whole(entry, "size", body_length)) for entry in entries]
    if sum(size for _, size in files) != body_length:
        raise FrameError("the files' sizes don't add up to the body's")
    return files


def _name(entry: Header) -> str:
    """A relative path that stays below the directory it is used in."""
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not is_word(name) or len(name) > MAX_NAME:
        raise FrameError(f"not a file name: {name!r:.40}")
    if any(part in {"", ".", ".."} for part in name.split("/")):
        raise FrameError(f"a file name that could lead elsewhere: {name!r:.40}")
    return name


def serve(make: Callable[[], tuple[Room, Meter]]) -> None:
    """Serve on standard input and output, in the surroundings that `make` finds; exits when the host is gone."""
    channel = Channel(0, 1)
    try:
        agent = Agent(channel, *make())
    except (Refusal, StartError, OSError, ValueError) as error:
        channel.send({"op": "refused", "reason": str(error)})
        sys.exit(1)
    try:
        agent.serve()
    except HostGone:
        sys.exit(0)
    except (FrameError, Unclean, StartError, OSError) as error:
        sys.exit(f"agent: {type(error).__name__}: {error}")


def main() -> None:
    """The agent of a container: its arguments are the program's user, and the limits that must hold.

    USER MEMORY_BYTES CPU_QUOTA_US PROCESSES
    """
    user, memory_bytes, cpu_quota_us, processes = map(int, sys.argv[1:])

    def surroundings() -> tuple[Room, Meter]:
        cgroup.check_limits(memory_bytes, cpu_quota_us, processes)
        return ContainerRoom(user), cgroup.find()

    serve(surroundings)
