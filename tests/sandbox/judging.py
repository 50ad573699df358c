"""Judges programs in real containers, by the engine: as a worker does, but without its database."""

from collections.abc import Mapping

from execution.compilation import Compiler
from execution.engine import Job, Outcome, Test, judge
from execution.languages import Language
from execution.sandbox.interface import Limits, SandboxPool
from runner_image import images

CPU_MS, WALL_MS = 10_000, 40_000  # wide: a busy machine must not decide a test


class Kept(dict[str, Mapping[str, bytes]]):
    """A store of artifacts."""

    put = dict.__setitem__


class Judge:
    """Judges in sandboxes of the pool. Keeps what was compiled, so that a program is compiled once for many tests."""

    def __init__(self, pool: SandboxPool) -> None:
        self.pool, self.kept = pool, Kept()
        self._compiler = Compiler(pool, self.kept, images.tag)

    def __call__(
        self, language: Language, files: Mapping[str, bytes], *inputs: bytes, memory_mb: int = 128, entry: str = ""
    ) -> Outcome:
        """What becomes of the program on these inputs. Nothing is asked of its output, which is kept."""
        tests = [Test(number, given, None) for number, given in enumerate(inputs or (b"",), 1)]
        limits = Limits(CPU_MS, WALL_MS, language.memory_limit_kb(memory_mb * 1024), output_bytes=1 << 20)
        return judge(self.pool, self._compiler, Job(language, files, tests, limits, memory_mb, entry))
