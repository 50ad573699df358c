"""The languages programs may be written in: one table entry each."""

import re
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How programs of one language are compiled and run.

    `version` is its image's, in words. Commands are lists of words with placeholders: "{entry}" is the entry file's
    name, "{memory_mb}" the memory that the program may hold (MiB, without `memory_extra_kb`), "{young_mb}" a
    sixteenth of that, from 1 to 8, for objects that a collector has not seen before, and a word "{sources}" stands
    for all files with a fitting extension. They start in the directory of the files.

    `compile` leaves the program in `/out`, as files that take the sources' place when it is run; where it is empty the
    sources are run. `check`, for those, tells whether the program could be run at all, by its exit code and words; it
    is asked only where a program crashed on its first test, so that the good ones don't pay for it.
    `out_of_memory` is a pattern (re; "^" begins a line) of what the run time prints on standard error when it ends for
    want of memory; C has no run time that would. A problem's time limit is multiplied by `time_factor` and lengthened
    by `time_extra_ms`; its memory limit is raised by `memory_extra_kb` (the run time's own need). `entries` are the
    names by which the file that starts the program is known; without one of them it is the first by name with a
    fitting extension.
    """

    id: str
    name: str
    version: str
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
    out_of_memory: bytes = b""
    self_test: str = ""  # a program that reads a whole number and prints the next one

    def entry(self, names: Collection[str]) -> str | None:
        """The file of `names` that starts the program, None if there is none."""
        known = (name for name in self.entries if name in names)
        fitting = (name for name in sorted(names) if name.endswith(self.extensions))
        return next(known, None) or next(fitting, None)

    def is_out_of_memory(self, stderr: bytes) -> bool:
        """Whether a program that failed says so itself: it asked for more than it could ever get, and was refused."""
        return bool(self.out_of_memory and re.search(self.out_of_memory, stderr, re.MULTILINE))

    def time_limit_ms(self, limit_ms: int) -> int:
        return round(limit_ms * self.time_factor) + self.time_extra_ms

    def memory_limit_kb(self, limit_kb: int | None) -> int | None:
        return None if limit_kb is None else limit_kb + self.memory_extra_kb


_PYTHON_CHECK = """
import sys
try:
    compile(open(sys.argv[1], "rb").read(), sys.argv[1], "exec", dont_inherit=True)
except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
    import traceback
    sys.exit("".join(traceback.format_exception_only(type(error), error)))
"""

# The self-tests.
_C = """\
#include <stdio.h>
int main(void) { long n; if (scanf("%ld", &n) != 1) return 1; printf("%ld\\n", n + 1); }
"""
_CPP = """\
#include <iostream>
int main() { long n; std::cin >> n; std::cout << n + 1 << std::endl; }
"""
_GO = """\
package main

import "fmt"

func main() {
	var n int
	fmt.Scan(&n)
	fmt.Println(n + 1)
}
"""
_JAVA = """\
public class Next {
    public static void main(String[] args) {
        System.out.println(new java.util.Scanner(System.in).nextInt() + 1);
    }
}
"""
_JAVASCRIPT = "console.log(Number(require('fs').readFileSync(0)) + 1)\n"
_PYTHON = "print(int(input()) + 1)\n"
_RUST = """\
fn main() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    println!("{}", line.trim().parse::<i64>().unwrap() + 1);
}
"""


def _words(command: str) -> tuple[str, ...]:
    return tuple(command.split())


_TABLE = [
    Language(
        id="python3",
        name="Python 3",
        version="CPython 3.11",
        image="python3",
        source_name="main.py",
        extensions=(".py", ".py3"),
        entries=("__main__.py", "main.py"),
        check=("python3", "-I", "-S", "-c", _PYTHON_CHECK, "{entry}"),
        run=("python3", "{entry}"),
        out_of_memory=rb"^MemoryError",
        memory_extra_kb=8 * 1024,
        self_test=_PYTHON,
    ),
    Language(
        id="c",
        name="C",
        version="GCC 12.2, gnu17",
        image="c",
        source_name="main.c",
        extensions=(".c",),
        compile=_words("gcc -std=gnu17 -O2 -static -s -pipe -DONLINE_JUDGE -o /out/program {sources} -lm"),
        run=("./program",),
        memory_extra_kb=4 * 1024,
        self_test=_C,
    ),
    Language(
        id="cpp",
        name="C++",
        version="GCC 12.2, gnu++20",
        image="cpp",
        source_name="main.cpp",
        extensions=(".cpp", ".cc", ".cxx", ".c++", ".C"),
        compile=_words("g++ -std=gnu++20 -O2 -static -s -pipe -DONLINE_JUDGE -o /out/program {sources}"),
        run=("./program",),
        out_of_memory=rb"^terminate called after throwing an instance of 'std::bad_alloc'",
        memory_extra_kb=4 * 1024,
        self_test=_CPP,
    ),
    Language(
        id="go",
        name="Go",
        version="Go 1.19",
        image="go",
        source_name="main.go",
        extensions=(".go",),
        compile=_words(
            "env GOCACHE=/opt/gocache GO111MODULE=off GOPROXY=off CGO_ENABLED=0 GOMAXPROCS=2 go build -ldflags=-s "
            "-o /out/program {sources}"
        ),
        run=_words("env GOMAXPROCS=2 GOMEMLIMIT={memory_mb}MiB ./program"),
        out_of_memory=rb"^fatal error: runtime: (out of memory|cannot allocate memory)|^runtime: out of memory",
        memory_extra_kb=4 * 1024,
        self_test=_GO,
    ),
    Language(
        id="java",
        name="Java",
        version="OpenJDK 17",
        image="java",
        source_name="Main.java",
        extensions=(".java",),
        entries=("Main.java",),
        compile=_words(
            "java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto -Xmx320m -Xss32m "
            "-XX:SharedArchiveFile=/opt/compiler/compiler.jsa -cp /opt/compiler/compiler.jar Compiler "
            "/out/program.jar {entry} {sources}"
        ),
        run=_words(
            "java -XX:+UseSerialGC -Xms{memory_mb}m -Xmx{memory_mb}m -XX:NewRatio=15 -Xss64m -XX:-UsePerfData "
            "-XX:+DisplayVMOutputToStderr -Xlog:disable -Xlog:all=warning:stderr -Dfile.encoding=UTF-8 -jar "
            "program.jar"
        ),
        time_extra_ms=200,
        memory_extra_kb=128 * 1024,
        out_of_memory=rb"java\.lang\.OutOfMemoryError: (Java heap space|Requested array size exceeds VM limit)",
        self_test=_JAVA,
    ),
    Language(
        id="javascript",
        name="JavaScript",
        version="Node.js 18.20",
        image="javascript",
        source_name="main.js",
        extensions=(".js", ".mjs", ".cjs"),
        entries=("main.js", "main.mjs", "index.js"),
        check=("node", "--check", "{entry}"),
        run=_words("node --max-old-space-size={memory_mb} --max-semi-space-size={young_mb} --stack-size=64000 {entry}"),
        time_extra_ms=100,
        memory_extra_kb=52 * 1024,
        out_of_memory=rb"JavaScript heap out of memory|^RangeError: Array buffer allocation failed",
        self_test=_JAVASCRIPT,
    ),
    Language(
        id="pypy3",
        name="Python 3 (PyPy)",
        version="PyPy 7.3.11 (Python 3.9)",
        image="pypy3",
        source_name="main.py",
        extensions=(".py", ".py3"),
        entries=("__main__.py", "main.py"),
        check=("pypy3", "-I", "-S", "-c", _PYTHON_CHECK, "{entry}"),
        run=_words("env PYPY_GC_MAX={memory_mb}MB PYPY_GC_INCREMENT_STEP=1GB pypy3 {entry}"),
        time_extra_ms=50,
        memory_extra_kb=64 * 1024,
        out_of_memory=rb"^MemoryError|using too much memory, aborting",
        self_test=_PYTHON,
    ),
    Language(
        id="rust",
        name="Rust",
        version="Rust 1.96, edition 2021",
        image="rust",
        source_name="main.rs",
        extensions=(".rs",),
        entries=("main.rs",),
        compile=_words(
            "rustc --edition=2021 -Copt-level=2 -Cstrip=symbols -Ctarget-feature=+crt-static --crate-name=program "
            "-o /out/program {entry}"
        ),
        run=("./program",),
        out_of_memory=rb"^memory allocation of \d+ bytes failed",
        memory_extra_kb=4 * 1024,
        self_test=_RUST,
    ),
]

LANGUAGES: dict[str, Language] = {language.id: language for language in _TABLE}
