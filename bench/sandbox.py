"""What the sandbox costs, and how other ways of running a program compare: all in one run, on this machine.

Needs a Docker engine (DOCKER_HOST) and the images python3 and cpp (`script/images python3 cpp`), and nothing else
running beside it. The program reads a number and prints the next one.
"""

import argparse
import contextlib
import os
import secrets
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import docker

from bench.measure import Measure, median, show
from bench.ways import ON_ITS_OWN, PROFILE, idle, run_cold, timed
from execution.compilation import CompileError, Compiler, Program
from execution.languages import LANGUAGES
from execution.sandbox.container import (
    OWNER_LABEL,
    ContainerSandbox,
    ContainerSettings,
    open_pool,
)
from execution.sandbox.interface import Limits, Profile, Sandbox, SandboxError
from execution.sandbox.pool import Pool
from runner_image import images

PYTHON = {"main.py": b"n = int(input())\nprint(n + 1)\n"}
CPP = LANGUAGES["cpp"]
RUN_PYTHON = ["python3", "main.py"]
LIMITS = Limits(cpu_ms=10_000, wall_ms=30_000, memory_kb=None, output_bytes=1 << 20)
BATCH, BATCHES = 50, 12
WARM_ROUNDS, OTHER_ROUNDS = 100, 7
SUBMISSIONS = 1000
THREADS, THROUGHPUT_SECONDS, TESTS = 3, 8.0, 10


def main() -> int:
    options = _options()
    settings = ContainerSettings(owner=f"bench-{secrets.token_hex(4)}", docker_host=options.docker_host)
    fast = replace(settings, cpu_quota=100_000)
    try:
        measures = [*_tests(fast, settings), *_ways(settings), *_endurance(fast), _throughput(fast)]
    except SandboxError as error:
        raise SystemExit(f"bench: {error}") from error
    return show("The sandbox, medians", measures, options.json)


# -- Tests in a row --------------------------------------------------------------------------------------------------
def _tests(fast: ContainerSettings, slow: ContainerSettings) -> Iterator[Measure]:
    """A test in the middle of a submission, at both quotas and in both kinds of language, taking turns."""
    with contextlib.ExitStack() as stack:
        pools = [stack.enter_context(contextlib.closing(open_pool(settings))) for settings in (fast, slow)]
        program = _compiled(pools[0])
        at_1, at_half = (stack.enter_context(pool.lease(PROFILE)) for pool in pools)
        native = stack.enter_context(pools[0].lease(Profile("cpp")))
        for sandbox in (at_1, at_half):
            sandbox.load(PYTHON)
        native.load(program.files, executable=True)
        taken: dict[str, list[float]] = {"1": [], "0.5": [], "native": []}
        for _ in range(BATCHES):
            taken["1"].append(_per_test(at_1, RUN_PYTHON))
            taken["0.5"].append(_per_test(at_half, RUN_PYTHON))
            taken["native"].append(_per_test(native, program.command(fast.memory_mb)))
    yield median(f"Python test, {BATCH} in a row, quota 1", taken["1"], "ms", 3)
    yield median(f"Python test, {BATCH} in a row, quota 0.5", taken["0.5"], "ms", 6)
    yield median(f"C++ test, {BATCH} in a row, quota 1", taken["native"], "ms", 3)


def _per_test(sandbox: Sandbox, argv: list[str]) -> float:
    """Milliseconds a test of a batch, the reset after each included."""
    began = time.perf_counter()
    for _ in range(BATCH):
        _run(sandbox, argv)
    return (time.perf_counter() - began) * 1000 / BATCH


def _run(sandbox: Sandbox, argv: list[str]) -> None:
    report = sandbox.run(argv, b"41\n", LIMITS)
    if report.stdout != b"42\n":
        raise SystemExit(f"the program should have printed 42: {report}")


class _Forgetful:
    """A store of artifacts that keeps none."""

    def get(self, key: str) -> None:
        return None

    def put(self, key: str, artifacts: Mapping[str, bytes]) -> None:
        pass


def _compiled(pool: Pool) -> Program:
    compiler = Compiler(pool, _Forgetful(), images.tag)
    try:
        return compiler.program(CPP, {CPP.source_name: CPP.self_test.encode()})
    except CompileError as error:
        raise SystemExit(f"the program doesn't compile: {error}") from error


# -- Ways of running one submission ----------------------------------------------------------------------------------
def _ways(settings: ContainerSettings) -> Iterator[Measure]:
    """One test, one submission: ours, a new container, and `docker exec` in one that is there, taking turns."""
    client = docker.DockerClient(base_url=settings.docker_host)
    with contextlib.closing(client), contextlib.closing(open_pool(settings)) as pool, idle(client, settings) as warm:
        _submission(pool)
        ours: list[float] = []
        cold: list[float] = []
        execs: list[float] = []
        resets: list[float] = []
        for _ in range(OTHER_ROUNDS):
            ours += [timed(lambda: _submission(pool)) for _ in range(WARM_ROUNDS // OTHER_ROUNDS)]
            cold.append(timed(lambda: run_cold(client, settings, ON_ITS_OWN)))
            execs.append(timed(lambda: warm.exec_run(ON_ITS_OWN)))
        with pool.lease(PROFILE) as sandbox:
            assert isinstance(sandbox, ContainerSandbox)
            for _ in range(WARM_ROUNDS):
                sandbox.load(PYTHON)
                _run(sandbox, RUN_PYTHON)
                resets.append(timed(sandbox.reset))
    own = statistics.median(ours)
    yield median("Python submission of one test through the warm pool", ours, "ms", 8)
    yield _ratio("a new container for it takes as many times as long", cold, own, 50)
    yield _ratio("docker exec in a warm container", execs, own, 10)
    yield median("reset between submissions, with its proof", resets, "ms", 3)


def _submission(pool: Pool) -> None:
    with pool.lease(PROFILE) as sandbox:
        sandbox.load(PYTHON)
        _run(sandbox, RUN_PYTHON)


def _ratio(name: str, theirs: list[float], ours: float, limit: float) -> Measure:
    spread = f"{statistics.median(theirs):.3g} ms; {min(theirs):.3g} to {max(theirs):.3g}"
    return Measure(name, statistics.median(theirs) / ours, "×", limit, spread, at_least=True)


# -- Many of them ----------------------------------------------------------------------------------------------------
def _endurance(settings: ContainerSettings) -> Iterator[Measure]:
    """A thousand submissions in one container."""
    client = docker.DockerClient(base_url=settings.docker_host)
    with contextlib.closing(client), contextlib.closing(open_pool(replace(settings, idle_per_image=1))) as pool:
        _submission(pool)
        at_rest = _state(client, settings)
        taken = [timed(lambda: _submission(pool)) for _ in range(SUBMISSIONS)]
        after = _state(client, settings)
        created = pool.stat().created
    first, last = (statistics.median(part) for part in (taken[:100], taken[-100:]))
    yield Measure("agent and fork server at rest", at_rest.memory_mb, "MB", 25)
    # The kernel accounts memory in batches of 64 pages for each CPU: less than a megabyte is no growth.
    yield Measure(f"memory more after {SUBMISSIONS} submissions", after.memory_mb - at_rest.memory_mb, "MB", 1)
    yield Measure("processes more", after.processes - at_rest.processes, "", 0)
    yield Measure("open files of the agent more", after.open_files - at_rest.open_files, "", 0)
    yield Measure("containers used", created, "", 1)
    yield Measure("last 100 against first 100", last / first, "×", 1.1, f"{first:.3g} and {last:.3g} ms")


class State(NamedTuple):
    """Of a container: memory (MB, without page cache), processes, and the agent's descriptors. Its files are proven."""

    memory_mb: float
    processes: int
    open_files: int


def _state(client: docker.DockerClient, settings: ContainerSettings) -> State:
    """Of the only container."""
    (container,) = client.containers.list(filters={"label": f"{OWNER_LABEL}={settings.owner}"})
    stats: Any = container.stats(stream=False)
    memory = stats["memory_stats"]
    cache = memory["stats"].get("cache", memory["stats"].get("file", 0)) - memory["stats"].get("shmem", 0)
    agent = Path("/proc", str(client.api.inspect_container(str(container.id))["State"]["Pid"]), "fd")
    return State((memory["usage"] - cache) / 1e6, stats["pids_stats"]["current"], len(list(agent.iterdir())))


def _throughput(settings: ContainerSettings) -> Measure:
    """Submissions of ten tests a second, in as many containers as a worker has threads."""
    with contextlib.closing(open_pool(settings)) as pool:
        pool.warm(PROFILE, THREADS)
        deadline = time.perf_counter() + THROUGHPUT_SECONDS
        with ThreadPoolExecutor(THREADS) as threads:
            counts = threads.map(lambda _: _judge_until(pool, deadline), range(THREADS))
            per_second = sum(counts) / THROUGHPUT_SECONDS
    return Measure(f"submissions of {TESTS} tests, {THREADS} containers, quota 1", per_second, "/s", 45, at_least=True)


def _judge_until(pool: Pool, deadline: float) -> int:
    count = 0
    while time.perf_counter() < deadline:
        with pool.lease(PROFILE) as sandbox:
            sandbox.load(PYTHON)
            for _ in range(TESTS):
                _run(sandbox, RUN_PYTHON)
        count += 1
    return count


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench sandbox", description=__doc__)
    parser.add_argument("--docker-host", default=os.environ.get("DOCKER_HOST"), help="like unix:///run/docker.sock")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
