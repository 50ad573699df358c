"""Makes programs that can be run of sources. Knows neither ORM nor Docker.

A compiler runs in a sandbox like any program, within limits of its own, and what it leaves is kept by content: the same
sources are compiled once. What is wrong with the sources is a CompileError; SandboxError passes through.
"""

import hashlib
import json
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from execution.languages import Language
from execution.sandbox.interface import Exceeded, Limits, Profile, RunReport, SandboxPool

MEMORY_MB = 512
LIMITS = Limits(
    cpu_ms=10_000,
    wall_ms=30_000,
    memory_kb=None,
    output_bytes=1 << 20,
    stderr_bytes=64 * 1024,
    artifact_bytes=64 << 20,
)
MAX_WORDS = 64 * 1024  # of what the compiler said, in bytes

_GRANTED_BYTES = 4 << 20  # of artifacts, which a language's grant covers
_STEP_MB = 16  # so that the sizes of sandboxes stay few

_STOPPED = {
    Exceeded.CPU: f"it used more than {LIMITS.cpu_ms // 1000} s of CPU time",
    Exceeded.WALL: f"it took longer than {LIMITS.wall_ms // 1000} s",
    Exceeded.MEMORY: "it used too much memory",
    Exceeded.OUTPUT: "it printed, or left, too much",
}


class CompileError(Exception):
    """The sources can't be made a program; the text is the compiler's."""


class Store(Protocol):
    """Where artifacts are kept, if they are."""

    def get(self, key: str) -> Mapping[str, bytes] | None: ...
    def put(self, key: str, artifacts: Mapping[str, bytes]) -> None: ...


@dataclass(frozen=True, slots=True)
class Program:
    """What is loaded into a sandbox to be run: sources with the file that starts them, or what was made of them."""

    language: Language
    files: Mapping[str, bytes]
    entry: str

    @property
    def is_executable(self) -> bool:
        return bool(self.language.compile)

    def command(self, memory_mb: int) -> list[str]:
        """What runs it, within that much memory: MiB."""
        return filled_in(self.language.run, self.files, self.entry, self.language, memory_mb)

    def check_command(self, memory_mb: int) -> list[str]:
        """What tells whether it could be run at all; empty where that is known."""
        return filled_in(self.language.check, self.files, self.entry, self.language, memory_mb)

    @property
    def surplus_mb(self) -> int:
        """Memory that its files take in a sandbox beyond what the language's grant covers: MiB."""
        size = sum(len(content) for content in self.files.values()) if self.is_executable else 0
        return 0 if size <= _GRANTED_BYTES else _STEP_MB * -(-size // (_STEP_MB << 20))


class Compiler:
    """Compiles in sandboxes of the pool. `version_of` tells an image's present version from others by its name."""

    def __init__(self, pool: SandboxPool, store: Store, version_of: Callable[[str], str]) -> None:
        self._pool, self._store, self._version_of = pool, store, version_of

    def program(self, language: Language, files: Mapping[str, bytes], entry: str = "") -> Program:
        """The program that these sources are; `entry` starts it, where it is one of them.

        Raises CompileError, SandboxError.
        """
        known = entry if entry in files else language.entry(files)
        if known is None:
            raise CompileError(f"No file is a {language.name} program.")
        if language.compile:
            return Program(language, self._artifacts(language, files, known), known)
        if len(files) == 1:  # its name is nobody's business, and the usual one is started fastest
            return Program(language, {language.source_name: files[known]}, language.source_name)
        return Program(language, files, known)

    def _artifacts(self, language: Language, files: Mapping[str, bytes], entry: str) -> Mapping[str, bytes]:
        argv = filled_in(language.compile, files, entry, language, MEMORY_MB)
        key = _key(language, self._version_of(language.image), argv, files)
        if (kept := self._store.get(key)) is not None:
            return kept
        artifacts = self._compile(language, files, argv)
        self._store.put(key, artifacts)
        return artifacts

    def _compile(self, language: Language, files: Mapping[str, bytes], argv: Sequence[str]) -> Mapping[str, bytes]:
        with self._pool.lease(Profile(language.image, MEMORY_MB * 1024)) as sandbox:
            sandbox.load(files)
            report = sandbox.run(argv, b"", LIMITS)
        if words := complaint(report):
            raise CompileError(words)
        if not report.artifacts:
            raise CompileError("The compiler left no program.")
        return report.artifacts


def complaint(report: RunReport) -> str:
    """What a compiler has against the sources, in at most MAX_WORDS bytes and a line; "" if nothing."""
    if report.exceeded is None and report.exit_code == 0:
        return ""
    words = (report.stdout + report.stderr)[:MAX_WORDS].decode(errors="replace")
    if report.exceeded is not None:
        return f"The compiler was stopped: {_STOPPED[report.exceeded]}.\n{words}".rstrip()
    return words or f"The compiler ended with {ending(report)}."


def ending(report: RunReport) -> str:
    """The exit code or signal that a program ended with, in words."""
    if report.signal is None:
        return f"exit code {report.exit_code}"
    try:
        return signal.Signals(report.signal).name
    except ValueError:
        return f"signal {report.signal}"


def filled_in(
    template: Sequence[str], files: Mapping[str, bytes], entry: str, language: Language, memory_mb: int
) -> list[str]:
    """A command of the language table with its placeholders filled in."""
    values = {"{entry}": entry, "{memory_mb}": str(memory_mb), "{young_mb}": str(_young_mb(memory_mb))}
    words: list[str] = []
    for word in template:
        if word == "{sources}":
            words += sorted(name for name in files if name.endswith(language.extensions))
        else:
            words.append(re.sub("|".join(map(re.escape, values)), lambda match: values[match[0]], word))
    return words


def _young_mb(memory_mb: int) -> int:
    """What a collector may take for young objects, of a program that may hold so much."""
    return min(max(memory_mb // 16, 1), 8)


def _key(language: Language, version: str, argv: Sequence[str], files: Mapping[str, bytes]) -> str:
    """Equal for what is compiled to the same."""
    contents = [[name, hashlib.sha256(content).hexdigest()] for name, content in sorted(files.items())]
    return hashlib.sha256(json.dumps([language.id, version, list(argv), contents]).encode()).hexdigest()
