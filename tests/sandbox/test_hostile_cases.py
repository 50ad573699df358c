"""Hostile programs: data in tests/cases/hostile/ (its README tells how), run in real containers of one pool.

After each, whoever comes next must find what a program finds in a container where nothing has run yet: in the same
lease, and in the next. A program may make an end of its container only where its case says so.
"""

import functools
import json
import os
import re
import runpy
import secrets
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import docker
import pytest

from execution.sandbox.container import ContainerSandbox, ContainerSettings, open_pool
from execution.sandbox.interface import Limits, Profile, RunReport
from execution.sandbox.pool import Pool
from tests.sandbox.conftest import containers_of, eventually

pytestmark = pytest.mark.docker

CASES = Path(__file__).resolve().parents[1] / "cases" / "hostile"
SECRET = "correct-horse-battery-staple"  # what each program carries, in its source and its input
CONTROL = "never-told-to-anybody-at-all"  # of the same length, and nowhere
# Wide: a busy machine must not decide a test. Cases state what they are to exceed.
LIMITS = Limits(cpu_ms=10_000, wall_ms=40_000, memory_kb=None, output_bytes=1 << 20, stderr_bytes=4096)
COMPILE = Limits(cpu_ms=20_000, wall_ms=60_000, memory_kb=None, output_bytes=1 << 16, artifact_bytes=1 << 26)
MEASURES = ("cpu_ms", "wall_ms", "memory_kb")
KEYS = {"about", "exceeded", "exit_code", "signal", "stdout", "stdout_matches", "stdout_bytes", "stderr_matches"}
KEYS |= {"stdin", "stdin_bytes", "limits", "may_replace", *MEASURES}


@dataclass(frozen=True)
class Case:
    """A program and what must come of it, as the case's case.toml says."""

    path: Path
    expected: Mapping[str, Any]

    @property
    def image(self) -> str:
        return "c" if self.path.suffix == ".c" else "python3"

    @property
    def source(self) -> bytes:
        """The program, with the secret in it. A make.py prints it, where it would be a large file."""
        if self.path.suffix == ".c":
            return self.path.read_bytes() + f'\n__attribute__((used)) static char secret[] = "{SECRET}";\n'.encode()
        return (self._made() if self.path.name == "make.py" else self.path.read_bytes()) + f"\n# {SECRET}\n".encode()

    def _made(self) -> bytes:
        with redirect_stdout(StringIO()) as printed:
            runpy.run_path(str(self.path), run_name="__main__")
        return printed.getvalue().encode("utf-8", "surrogateescape")

    @property
    def stdin(self) -> bytes:
        text = self.expected.get("stdin", "")
        return f"{text}{SECRET}\n".encode() + b"x" * int(self.expected.get("stdin_bytes", 0))

    @property
    def limits(self) -> Limits:
        return replace(LIMITS, **self.expected.get("limits", {}))


def read_cases() -> list[Any]:
    """Every program of every case, as pytest's parameters."""
    found = []
    for file in sorted(CASES.glob("*/case.toml")):
        expected = tomllib.loads(file.read_text(encoding="utf-8"))
        assert set(expected) <= KEYS, f"{file}: {set(expected) - KEYS}"
        programs = [path for path in sorted(file.parent.iterdir()) if path.name in {"main.py", "make.py", "main.c"}]
        assert programs, file
        found += [pytest.param(Case(path, expected), id=f"{file.parent.name}-{path.suffix[1:]}") for path in programs]
    return found


PROGRAMS = read_cases()


# -- The containers ----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def pool(engine: docker.DockerClient) -> Iterator[Pool]:
    """One for all programs, so that each container that stays serves many of them."""
    owner = f"test-{secrets.token_hex(6)}"
    pool = open_pool(ContainerSettings(owner=owner, docker_host=os.environ.get("DOCKER_HOST")))
    yield pool
    pool.close()
    assert eventually(lambda: not containers_of(engine, owner))


@dataclass(frozen=True)
class Around:
    """What a program finds around it, and in which container."""

    found: Mapping[str, Any]
    container: str | None


Fresh = Callable[[str], Around]


@pytest.fixture(scope="module")
def fresh(pool: Pool) -> Fresh:
    """By image: what the very first program of a container finds."""

    @functools.cache
    def first(image: str) -> Around:
        with pool.lease(Profile(image)) as sandbox:
            return look(sandbox)

    return first


@pytest.fixture(scope="module")
def build(pool: Pool) -> Callable[[Case], Mapping[str, bytes]]:
    """What is loaded for a case: its source, or what the compiler makes of it."""

    def made(case: Case) -> Mapping[str, bytes]:
        if case.image != "c":
            return {"main.py": case.source}
        with pool.lease(Profile("c", 512 * 1024)) as sandbox:
            sandbox.load({"main.c": case.source})
            report = sandbox.run(["gcc", "-O1", "-pthread", "-o", "/out/program", "main.c"], b"", COMPILE)
        assert report.artifacts, report
        return report.artifacts

    return made


def look(sandbox: Any) -> Around:
    """Run the probe."""
    assert isinstance(sandbox, ContainerSandbox)
    masked, control = ("".join(chr(ord(letter) ^ 1) for letter in text) for text in (SECRET, CONTROL))
    source = (CASES / "probe.py").read_text(encoding="utf-8").replace("{masked}", masked).replace("{control}", control)
    sandbox.load({"main.py": source.encode()})
    report = sandbox.run(["python3", "main.py"], b"", LIMITS)
    assert (report.exit_code, report.stderr) == (0, b""), report
    return Around(json.loads(report.stdout), sandbox.container_id)


# -- The tests ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("image", ["python3", "c"])
def test_a_fresh_container_is_clean(fresh: Fresh, image: str) -> None:
    """What the others are compared with."""
    found = fresh(image).found
    assert {user for user, _ in found["processes"]} == {"0"}, "only the agent's own"
    assert {path for path, (names, _) in found["files"].items() if names} == {"/box"}
    assert {"/tmp", "/dev/shm", "/box"} <= set(found["files"])
    assert (found["queues"], found["ipc"]) == ([], [1, 1, 1])
    assert (found["sockets"][0], found["terminals"], found["secrets"]) == ([], ["ptmx"], 0)
    assert found["descriptors"][:3] == ["0", "1", "2"]
    assert len(found["descriptors"]) == 4, "and the one that lists them"
    assert (found["oom"], found["nice"][0]) == ("1000", 19)
    assert set(found["environment"]) == {"PATH", "HOME", "TMPDIR", "LC_ALL"}
    assert found["input"] == ""


@pytest.mark.parametrize("case", PROGRAMS)
def test_it_comes_to_what_it_must_and_leaves_nothing(
    pool: Pool, fresh: Fresh, build: Callable[[Case], Mapping[str, bytes]], case: Case
) -> None:
    before = fresh(case.image)
    program = build(case)
    with pool.lease(Profile(case.image)) as sandbox:
        used = sandbox.container_id  # type: ignore[attr-defined]
        if case.image == "c":
            sandbox.load(program, executable=True)
        else:
            sandbox.load(program)
        report = sandbox.run(["./program"] if case.image == "c" else ["python3", "main.py"], case.stdin, case.limits)
        complaints = compare(report, case.expected)
        assert not complaints, f"{complaints}\n{report}"
        here = look(sandbox)
    with pool.lease(Profile(case.image)) as sandbox:
        after = look(sandbox)
    assert differences(before, here) == {}
    assert differences(before, after) == {}
    if not case.expected.get("may_replace"):
        assert here.container == used, "it made an end of its container"
    assert after.container == here.container, "its container could not be cleaned at the end of its lease"


def test_the_pool_serves_on(pool: Pool) -> None:
    """After all of that: an honest program, and no container was lost but where a case says that it may be."""
    with pool.lease(Profile("python3")) as sandbox:
        sandbox.load({"main.py": b"print(int(input()) + 1)"})
        report = sandbox.run(["python3", "main.py"], b"41\n", LIMITS)
    assert (report.stdout, report.exit_code, report.exceeded) == (b"42\n", 0, None)
    assert eventually(lambda: pool.stat().running == 0), "but for those that are just pinged"
    stat = pool.stat()
    assert stat.idle <= 6, "three of each image"
    # Each of these programs may take its container with it. Nothing else destroys one here: leases follow one another,
    # so that of neither image there are ever more than are kept.
    assert stat.destroyed <= sum(program.values[0].expected.get("may_replace", False) for program in PROGRAMS), stat


def compare(report: RunReport, expected: Mapping[str, Any]) -> list[str]:
    """What of a report isn't as it must be."""
    exceeded = expected.get("exceeded", ["none"])
    ended_by_itself = exceeded == ["none"]
    complaints = []
    if (report.exceeded.value if report.exceeded else "none") not in exceeded:
        complaints.append(f"exceeded {report.exceeded}, not {exceeded}")
    if "signal" in expected and report.signal != expected["signal"]:
        complaints.append(f"signal {report.signal}")
    if "exit_code" in expected or (ended_by_itself and "signal" not in expected):
        wanted = expected.get("exit_code", 0)
        if wanted not in {"any", report.exit_code}:
            complaints.append(f"exit code {report.exit_code}")
    if "stdout" in expected and report.stdout != expected["stdout"].encode():
        complaints.append("stdout")
    for stream in ("stdout", "stderr"):
        pattern = expected.get(f"{stream}_matches")
        if pattern is not None and not re.fullmatch(pattern.encode(), getattr(report, stream), re.DOTALL):
            complaints.append(f"{stream} doesn't match {pattern!r}")
    if len(report.stdout) != expected.get("stdout_bytes", len(report.stdout)):
        complaints.append(f"{len(report.stdout)} bytes of stdout")
    for measure in MEASURES:
        low, high = expected.get(measure, (0, float("inf")))
        if not low <= getattr(report, measure) <= high:
            complaints.append(f"{measure} is {getattr(report, measure)}")
    return complaints


def differences(fresh: Around, now: Around) -> dict[str, Any]:
    """What is found now and wasn't in a fresh container, or the other way round."""
    return {key: (fresh.found[key], now.found[key]) for key in fresh.found if fresh.found[key] != now.found[key]}
