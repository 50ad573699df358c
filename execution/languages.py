"""The languages programs may be written in: one table entry each."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How programs of one language are run.

    `run` and `check` are commands in which "{entry}" stands for the entry file's name. `check` tells whether the
    program could be run at all, by its exit code and words; it is asked only where a program crashed on its first
    test, so that the good ones don't pay for it. A problem's time limit is multiplied by `time_factor` and lengthened
    by `time_extra_ms`; its memory limit is raised by `memory_extra_kb` (the run time's own need). `entries` are the
    names by which the file that starts the program is known; without one of them it is the first by name with a
    fitting extension.
    """

    id: str
    name: str
    image: str
    source_name: str
    extensions: tuple[str, ...]
    run: tuple[str, ...]
    check: tuple[str, ...]
    entries: tuple[str, ...] = ()
    time_factor: float = 1.0
    time_extra_ms: int = 0
    memory_extra_kb: int = 0
    self_test: str = ""

    def entry(self, names: Collection[str]) -> str | None:
        """The file of `names` that starts the program, None if there is none."""
        known = (name for name in self.entries if name in names)
        fitting = (name for name in sorted(names) if name.endswith(self.extensions))
        return next(known, None) or next(fitting, None)

    def time_limit_ms(self, limit_ms: int) -> int:
        return round(limit_ms * self.time_factor) + self.time_extra_ms

    def memory_limit_kb(self, limit_kb: int | None) -> int | None:
        return None if limit_kb is None else limit_kb + self.memory_extra_kb


_PYTHON_CHECK = """
import sys
try:
    compile(open(sys.argv[1], "rb").read(), sys.argv[1], "exec", dont_inherit=True)
except (SyntaxError, ValueError) as error:
    import traceback
    sys.exit("".join(traceback.format_exception_only(error)))
"""

_TABLE = [
    Language(
        id="python3",
        name="Python 3",
        image="python3",
        source_name="main.py",
        extensions=(".py", ".py3"),
        entries=("__main__.py", "main.py"),
        check=("python3", "-I", "-S", "-c", _PYTHON_CHECK, "{entry}"),
        run=("python3", "{entry}"),
        memory_extra_kb=12 * 1024,
        self_test="print(int(input()) + 1)\n",
    ),
]

LANGUAGES: dict[str, Language] = {language.id: language for language in _TABLE}
