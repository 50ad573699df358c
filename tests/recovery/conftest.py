import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recovery.stack import Stack, eventually

PACKAGE = {
    "problem.yaml": "problem_format_version: 2025-09\nname: The next number\n"
    "uuid: 2f0c0f5e-6a5e-4b0e-9d8e-1d6f3f8f0a11\nlimits:\n  time_limit: 20\n",
    "statement/problem.en.md": "Print the next number.\n",
    "submissions/accepted/a.py": "print(int(input()) + 1)\n",
    "input_validators/v.py": "import sys\nsys.exit(42)\n",
}


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """All parts up, with one problem of three tests, `nextnumber`."""
    with tempfile.TemporaryDirectory(prefix="vs-") as directory:
        var = Path(directory) / "var"
        var.mkdir()
        stack = Stack(var, Path(directory))
        try:
            stack.start("valkey")
            stack.manage("migrate", "--verbosity=0")
            stack.manage("collectstatic", "--noinput", "--verbosity=0")
            stack.manage("api_token", "setter")
            stack.manage("import_problem", str(write_package(Path(directory) / "nextnumber")), "--owner=setter")
            stack.start("web", "judge", "maintenance")
            eventually(lambda: stack.is_ready("judge") and stack.is_ready("maintenance"))
            yield stack
        finally:
            stack.close()
            for name in ("web", "judge", "maintenance"):
                sys.stdout.write(f"-- {name}\n{stack.log(name)[-5000:]}")
            subprocess.run(["docker", "rm", "-f", *stack.containers()], check=False, capture_output=True)


def write_package(root: Path) -> Path:
    """A package in the 2025-09 format with three tests and an accepted program."""
    tests = {f"data/secret/{n}": (f"{n}\n", f"{n + 1}\n") for n in (1, 20, 300)}
    files = PACKAGE | {f"{name}.in": given for name, (given, _) in tests.items()}
    files |= {f"{name}.ans": wanted for name, (_, wanted) in tests.items()}
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root
