"""Programming languages by the endings of files, after the format's appendix "Languages"."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

_ENDINGS = {
    "ada": "adb ads",
    "algol68": "a68",
    "apl": "apl",
    "bash": "sh",
    "c": "c",
    "cobol": "cob",
    "cpp": "cc cpp cxx c++ C",
    "crystal": "cr",
    "csharp": "cs",
    "d": "d",
    "dart": "dart",
    "elixir": "ex",
    "erlang": "erl",
    "forth": "fth 4th forth frt",
    "fortran": "f90",
    "fsharp": "fs",
    "gerbil": "ss",
    "go": "go",
    "haskell": "hs",
    "java": "java",
    "javascript": "js",
    "julia": "jl",
    "kotlin": "kt",
    "lisp": "lisp cl",
    "lua": "lua",
    "modula2": "mod def",
    "nim": "nim",
    "objectivec": "m",
    "ocaml": "ml",
    "odin": "odin",
    "pascal": "pas",
    "perl": "pm",
    "php": "php",
    "prolog": "pl",
    "python2": "py2",
    "python3": "py py3",
    "racket": "rkt",
    "ruby": "rb",
    "rust": "rs",
    "scala": "scala",
    "simula": "sim",
    "smalltalk": "st",
    "snobol": "sno",
    "swift": "swift",
    "typescript": "ts",
    "visualbasic": "vb",
    "zig": "zig",
}
# Some share their endings with others, which are told by theirs.
LANGUAGE_CODES = frozenset(_ENDINGS) | {"cgmp", "cppgmp", "javaalgs4", "octave", "python3numpy"}
_LANGUAGE_OF = {f".{ending}": code for code, endings in _ENDINGS.items() for ending in endings.split()}
_PYTHON2 = re.compile(rb"#!.*python2")


def language_of(files: Iterable[tuple[str, bytes]], *, has_shebangs: bool) -> str:
    """The one language that a program's files (names and contents) are in, "" if there is none or more than one.

    `has_shebangs`: in the legacy versions, a first line that names python2 tells it from Python 3.
    """
    found = set()
    for name, content in files:
        code = _LANGUAGE_OF.get(PurePosixPath(name).suffix)
        if code == "python3" and has_shebangs and _PYTHON2.match(content):
            code = "python2"
        if code:
            found.add(code)
    return found.pop() if len(found) == 1 else ""
