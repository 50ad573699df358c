"""Finds out which languages a worker can judge: each shows it on its self-test, compiled and run in a real sandbox."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable

from execution.compilation import Compiler
from execution.engine import Job, Test, judge, wall_limit_ms
from execution.languages import Language
from execution.sandbox.interface import ImageMissing, Limits, SandboxError, SandboxPool
from execution.verdicts import Verdict

log = logging.getLogger(__name__)

AGAIN_SECONDS = 30.0  # until those that can't be judged are probed again
SOON_SECONDS = 3.0  # and those of which it isn't certain yet
FAILURES = 3  # in a row make it certain: one may be a busy machine's
_CPU_MS = 10_000


class Prober:
    """Probes in a thread of its own, one language after the other, and those that fail again from time to time.

    `probe` says why a language can't be judged, "" if it can, or raises SandboxError where it could not find out:
    ImageMissing leaves no doubt. `found` and `lacking` are told of the result, `lacking` once it is certain.
    """

    def __init__(
        self,
        languages: Iterable[Language],
        probe: Callable[[Language], str],
        found: Callable[[Language], None],
        lacking: Callable[[Language], None],
    ) -> None:
        self._left = list(languages)
        self._probe, self._found, self._lacking = probe, found, lacking
        self._reasons: dict[str, str] = {}
        self._failures: Counter[str] = Counter()
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="prober", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Probe no more; does not wait for the probe under way."""
        self._stopping.set()
        self._wake.set()

    def add(self, language: Language) -> None:
        """Probe this one, too: it was found, and is lost again."""
        if language not in self._left:
            self._left.append(language)
            self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for language in list(self._left):
                self._look_at(language)
            self._wake.wait(self._pause())
            self._wake.clear()

    def _pause(self) -> float | None:
        if not self._left:
            return None
        return SOON_SECONDS if any(self._failures[each.id] < FAILURES for each in self._left) else AGAIN_SECONDS

    def _look_at(self, language: Language) -> None:
        if self._stopping.is_set():
            return
        try:
            reason, certain = self._probe(language), False
        except ImageMissing as error:
            reason, certain = str(error), True
        except SandboxError as error:
            self._tell(language, f"unknown for now: {error}")
            return
        if not self._stopping.is_set():
            self._take_in(language, reason, certain)

    def _take_in(self, language: Language, reason: str, certain: bool) -> None:
        if not reason:
            self._left.remove(language)
            self._failures[language.id] = 0
            self._found(language)
            return
        self._failures[language.id] = FAILURES if certain else self._failures[language.id] + 1
        self._tell(language, reason, logging.INFO if certain else logging.WARNING)  # perhaps nobody has asked for it
        if self._failures[language.id] >= FAILURES:
            self._lacking(language)

    def _tell(self, language: Language, reason: str, level: int = logging.WARNING) -> None:
        """Once, not every time."""
        if reason != self._reasons.get(language.id):
            log.log(level, "%s cannot be judged: %s", language.name, reason)
        self._reasons[language.id] = reason


def self_test(pool: SandboxPool, compiler: Compiler, language: Language, memory_mb: int) -> str:
    """Judge the language's self-test within that much memory: why it failed, "" if it passed.

    Raises SandboxError where that says nothing about the language, and ImageMissing.
    """
    memory_kb = language.memory_limit_kb(memory_mb * 1024)
    job = Job(
        language=language,
        files={language.source_name: language.self_test.encode()},
        tests=[Test(1, b"41\n", None)],
        limits=Limits(_CPU_MS, wall_limit_ms(_CPU_MS, 0.5), memory_kb, output_bytes=1024),
        memory_mb=memory_mb,
    )
    try:
        outcome = judge(pool, compiler, job)
    except SandboxError:
        raise
    except Exception as error:  # one language's trouble is not the others'
        log.exception("the self-test of %s", language.name)
        return repr(error)
    test = outcome.tests[0] if outcome.tests else None
    if outcome.verdict is Verdict.AC and test is not None and test.stdout.split() == [b"42"]:
        return ""
    if outcome.verdict is Verdict.AC and test is not None:
        return f"its self-test printed {test.stdout[:100]!r} instead of 42"
    words = test.stderr.decode(errors="replace") if test else outcome.compile_output
    return f"its self-test ended with {outcome.verdict}: {words[:500]}".rstrip(": ")
