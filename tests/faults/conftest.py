import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.rest import Site
from tests.faults.flight import Flight
from tests.faults.stack import Stack

PACKAGE = {
    "problem.yaml": "problem_format_version: 2025-09\nname: The next number\nuuid: {uuid}\n"
    "limits:\n  time_limit: {seconds}\n",
    "statement/problem.en.md": "Print the next number.\n",
    "submissions/accepted/a.py": "print(int(input()) + 1)\n",
    "input_validators/v.py": "import sys\nsys.exit(42)\n",
}


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    """All parts up, with the problems `nextnumber` (20 s) and `brief` (1 s), of three tests each."""
    with new_stack() as stack:
        yield stack


@pytest.fixture(scope="package")
def site(stack: Stack) -> Site:
    return stack.site()


@pytest.fixture
def flight(stack: Stack, site: Site, other_site: Site) -> Flight:
    return Flight.begin(stack, [site, other_site])


@pytest.fixture(scope="package")
def other_site(stack: Stack) -> Site:
    return stack.site("bob")


@contextmanager
def new_stack(**env: str) -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="vs-") as directory:
        stack = Stack(Path(directory), **env)
        try:
            stack.set_up(
                write_package(Path(directory) / "nextnumber"), write_package(Path(directory) / "brief", seconds=1)
            )
            yield stack
            stack.close()
        finally:
            stack.purge()


def write_package(root: Path, seconds: int = 20) -> Path:
    """A package in the 2025-09 format with three tests and an accepted program."""
    uuid = f"2f0c0f5e-6a5e-4b0e-9d8e-1d6f3f8f0a{seconds:02}"
    tests = {f"data/secret/{n}": (f"{n}\n", f"{n + 1}\n") for n in (1, 20, 300)}
    files = {name: content.format(uuid=uuid, seconds=seconds) for name, content in PACKAGE.items()}
    files |= {f"{name}.in": given for name, (given, _) in tests.items()}
    files |= {f"{name}.ans": wanted for name, (_, wanted) in tests.items()}
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root
