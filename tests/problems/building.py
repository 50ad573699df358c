"""Makes problem packages for tests: a dict of paths to contents, as a directory or as a zip."""

import zipfile
from pathlib import Path

from problems.package import opening, reader
from problems.package.reader import Package

Files = dict[str, str | bytes]


def legacy() -> Files:
    """A small package that is right, in the legacy version of the format."""
    return {
        "problem.yaml": "name: Next\nlicense: cc0\nrights_owner: Somebody\nlimits:\n  memory: 64\n",
        ".timelimit": "1.5\n",
        "problem_statement/problem.tex": "\\problemname{Next}\nPrint the next number.\n",
        "data/sample/1.in": "1\n",
        "data/sample/1.ans": "2\n",
        "data/secret/1.in": "41\n",
        "data/secret/1.ans": "42\n",
        "submissions/accepted/next.py": "print(int(input()) + 1)\n",
        "input_validators/check.py": "import sys; sys.exit(42)\n",
    }


def dated() -> Files:
    """The same in the version 2025-09."""
    return without(legacy(), ".timelimit", "problem_statement/problem.tex") | {
        "problem.yaml": "problem_format_version: 2025-09\nname: Next\nuuid: 1\nlimits: {time_limit: 1.5, memory: 64}\n",
        "statement/problem.en.md": "Print the next number.\n",
    }


def without(files: Files, *paths: str) -> Files:
    return {path: content for path, content in files.items() if path not in paths}


def as_directory(files: Files, target: Path) -> Path:
    for path, content in files.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return target


def as_zip(files: Files, target: Path, top: str = "") -> Path:
    """The zip `target`; `top` is a directory that all files stand in."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(f"{top}/{path}" if top else path, content)
    return target


def read(files: Files, target: Path) -> Package:
    """What is made of the package, which comes to stand in the directory `target`. Raises PackageError."""
    with opening.opened(as_directory(files, target), target.parent, 1 << 30) as tree:
        return reader.read(tree)
