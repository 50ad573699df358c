"""SANDBOX=process: sandboxes that are agents run as plain child processes. See process_agent.py for what that means.

For trying the product out, and for machines of one's own. Each has a temporary directory, which goes with it.
"""

import contextlib
import dataclasses
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from execution.sandbox.interface import Limits, Profile, RunReport, SandboxUnavailable
from execution.sandbox.pool import Pool, Source, as_it_is
from execution.sandbox.remote import RemoteSandbox
from execution.sandbox.users import pick_uid
from execution.sandbox.wire import Stream
from runner_image.wipe import empty, open_directory

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_END_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """`memory_mb` is the limit of programs that state none; `concurrency` agents at once, `idle_per_image` are kept."""

    memory_mb: int = 128
    concurrency: int = 3
    idle_per_image: int = 3


class ProcessSandbox(RemoteSandbox):
    """One agent process, and the conversation with it."""

    def __init__(self, image: str, memory_mb: int) -> None:
        super().__init__(image, memory_mb)
        self._process: subprocess.Popen[bytes] | None = None
        self._directory: Path | None = None

    def resize(self, memory_mb: int) -> None:
        """It is of no size, so that any will do."""
        self.memory_mb = memory_mb

    def run(self, argv: Sequence[str], stdin: bytes | Path, limits: Limits) -> RunReport:
        bounded = self.memory_mb * 1024 if limits.memory_kb is None else limits.memory_kb
        return super().run(argv, stdin, dataclasses.replace(limits, memory_kb=bounded))

    def cut_off(self) -> None:
        if (process := self._process) is not None:
            process.terminate()

    def _begin(self) -> Stream:
        uid = pick_uid() if os.geteuid() == 0 else 0
        try:
            self._directory = _make_directory(uid)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "execution.sandbox.process_agent", str(self._directory), str(uid)],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C in a terminal is not for it
            )
        except OSError as error:
            raise SandboxUnavailable(f"starting a process to judge with: {error}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        stdin, stdout = self._process.stdin, self._process.stdout
        return Stream(stdout.fileno(), stdin.fileno(), lambda: _close(stdin, stdout))

    def _end(self) -> None:
        process, self._process = self._process, None
        directory, self._directory = self._directory, None
        if process is not None:
            try:
                process.wait(_END_SECONDS)  # it ends with its input, and takes its descendants with it
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if directory is not None:
            _remove_directory(directory)

    def _ran_out_of_memory(self) -> bool:
        return False  # only the whole machine could


class ProcessSource:
    """The source of a pool's processes."""

    def __init__(self, settings: ProcessSettings) -> None:
        self._settings = settings

    def memory_mb(self, profile: Profile) -> int:
        return self._settings.memory_mb if profile.memory_kb is None else -(-profile.memory_kb // 1024)

    def create(self, image: str, memory_mb: int) -> ProcessSandbox:
        sandbox = ProcessSandbox(image, memory_mb)
        sandbox.start()
        return sandbox

    def tend(self) -> None:
        """Nothing goes astray: an agent ends with its input."""

    def close(self) -> None:
        """Nothing is open."""


def open_pool(settings: ProcessSettings, around: Callable[[Source], Source] = as_it_is) -> Pool:
    """A pool of processes. (An idle one holds no memory in reserve.)"""
    return Pool(
        around(ProcessSource(settings)),
        leases=settings.concurrency,
        idle_per_image=settings.idle_per_image,
        idle_memory_mb=sys.maxsize,
    )


def _make_directory(uid: int) -> Path:
    """A new directory of the user's (0: ours). Raises OSError."""
    directory = Path(tempfile.mkdtemp(prefix="verdict-"))
    for name in ("box", "tmp"):
        (directory / name).mkdir(mode=0o700)
    if uid:
        for path in (directory / "box", directory / "tmp", directory):
            os.chown(path, uid, uid)
    return directory


def _remove_directory(directory: Path) -> None:
    try:
        opened = open_directory(str(directory))
        try:
            empty(opened)
        finally:
            os.close(opened)
        directory.rmdir()
    except OSError as error:
        log.warning("%s could not be removed: %s", directory, error)


def _close(*pipes: IO[bytes]) -> None:
    for pipe in pipes:
        with contextlib.suppress(OSError):  # unsent bytes
            pipe.close()
