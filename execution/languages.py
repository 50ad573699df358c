"""The languages programs may be written in: one table entry each."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How programs of one language are compiled and run.

    Commands are lists of words with placeholders: "{entry}" is the entry file's name, "{memory_mb}" the memory that
    the program may hold (MiB, without `memory_extra_kb`), and a word "{sources}" stands for all files with a fitting
    extension. They start in the directory of the files.

    `compile` leaves the program in `/out`, as files that take the sources' place when it is run; where it is empty the
    sources are run. `check`, for those, tells whether the program could be run at all, by its exit code and words; it
    is asked only where a program crashed on its first test, so that the good ones don't pay for it.
    `out_of_memory` are words that the run time prints on standard error when memory is used up. A problem's time limit is multiplied by `time_factor` and lengthened
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
    compile: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    time_factor: float = 1.0
    time_extra_ms: int = 0
    memory_extra_kb: int = 0
    out_of_memory: tuple[bytes, ...] = ()
    self_test: str = ""  # a program that reads a whole number and prints the next one

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
