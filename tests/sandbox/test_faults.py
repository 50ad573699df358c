"""Faults of ours: they raise, the pool serves on, and nothing stays behind."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from execution.sandbox.container import (
    ContainerSandbox,
    ContainerSettings,
    Engine,
    create_options,
    open_pool,
)
from execution.sandbox.interface import Exceeded, Profile, SandboxBroken, SandboxUnavailable
from execution.sandbox.pool import Pool
from runner_image import images
from tests.sandbox.conftest import PYTHON, containers_of, eventually, limits, run

pytestmark = pytest.mark.docker

ROOT = Path(__file__).resolve().parents[2]


def agent_pid(engine: docker.DockerClient, sandbox: object) -> int:
    """The agent's process as the host sees it."""
    assert isinstance(sandbox, ContainerSandbox)
    return int(engine.api.inspect_container(str(sandbox.container_id))["State"]["Pid"])


def gone(engine: docker.DockerClient, container_id: str | None) -> bool:
    return container_id not in {entry["Id"] for entry in engine.api.containers(all=True)}


@pytest.fixture
def pool_of_its_own(container_settings: ContainerSettings) -> Iterator[Pool]:
    pool = open_pool(container_settings)
    yield pool
    pool.close()


def test_a_killed_agent_is_no_verdict(pool: Pool, engine: docker.DockerClient) -> None:
    with pytest.raises(SandboxBroken, match="gone"), pool.lease(PYTHON) as sandbox:  # noqa: PT012
        container_id = getattr(sandbox, "container_id", None)
        killer = threading.Timer(0.5, os.kill, (agent_pid(engine, sandbox), signal.SIGKILL))
        killer.start()
        run(sandbox, "while True: pass")
    assert eventually(lambda: gone(engine, container_id))
    with pool.lease(PYTHON) as sandbox:
        assert run(sandbox, "print(1)").stdout == b"1\n"


def test_a_stopped_agent_misses_the_hosts_deadline(
    container_settings: ContainerSettings, engine: docker.DockerClient
) -> None:
    pool = open_pool(replace(container_settings, grace_seconds=0.5))
    try:
        with pytest.raises(SandboxBroken, match="deadline"), pool.lease(PYTHON) as sandbox:  # noqa: PT012
            container_id = getattr(sandbox, "container_id", None)
            os.kill(agent_pid(engine, sandbox), signal.SIGSTOP)
            sandbox.run(["true"], b"", limits(wall_ms=500))
        assert gone(engine, container_id)
        with pool.lease(PYTHON) as sandbox:
            assert run(sandbox, "print(1)").stdout == b"1\n"
    finally:
        pool.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_dead_or_stopped_idle_container_is_replaced_not_leased(
    pool_of_its_own: Pool, engine: docker.DockerClient, number: int
) -> None:
    pool = pool_of_its_own
    with pool.lease(PYTHON) as sandbox:
        old, pid = getattr(sandbox, "container_id", None), agent_pid(engine, sandbox)
    os.kill(pid, number)
    with pool.lease(PYTHON) as sandbox:
        assert getattr(sandbox, "container_id", None) != old
        assert run(sandbox, "print(1)").stdout == b"1\n"
    assert eventually(lambda: gone(engine, old))
    assert pool.stat().destroyed == 1


DISARM = """
import os, time
with open("/proc/self/oom_score_adj", "w") as file: file.write("0")
for i in range(45):
    if os.fork() == 0:
        x = b"x" * (5 << 20)
        time.sleep(60)
time.sleep(60)
"""


@pytest.mark.full  # three times to its wall limit
def test_an_agent_that_goes_with_its_programs_memory_is_the_programs_fault(pool: Pool) -> None:
    """Many processes smaller than the agent, each as dear to the kernel as the agent is: it may well go first."""
    with pool.lease(PYTHON) as sandbox:
        for _ in range(3):
            report = run(sandbox, DISARM, given=limits(wall_ms=10_000))
            assert report.exceeded is Exceeded.MEMORY
        assert run(sandbox, "print(1)").stdout == b"1\n", "the lease goes on, if need be in a new container"


HOG = """
import os, time
for i in range(3):
    if os.fork() == 0:
        kept = []
        while True:
            kept.append(bytearray(b"a" * (4 << 20)))
time.sleep(1)
"""


def test_somebody_elses_memory_is_no_reason(pool: Pool, engine: docker.DockerClient) -> None:
    """A container that once survived an OOM kill, and then dies otherwise, under an honest program."""
    with pool.lease(PYTHON) as sandbox:
        assert run(sandbox, HOG).exceeded is Exceeded.MEMORY
        container_id = sandbox.container_id  # type: ignore[attr-defined]
    killer = threading.Timer(1, lambda: engine.containers.get(container_id).remove(force=True))
    killer.start()
    with pytest.raises(SandboxBroken), pool.lease(PYTHON) as sandbox:
        run(sandbox, "import time; time.sleep(3)")
    killer.join()


@pytest.mark.parametrize("fast", [0, 3600])
def test_an_agent_killed_for_memory_leaves_a_report_and_a_new_container(
    fast: float, pool: Pool, engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for certain: the agent is killed in a container whose kernel has just run out of memory.

    Also where our clock is not the engine's.
    """
    clock = time.time
    monkeypatch.setattr("time.time", lambda: clock() + fast)
    with pool.lease(PYTHON) as sandbox:
        assert isinstance(sandbox, ContainerSandbox)
        sandbox.load({"main.py": b"import os, time\nif os.fork() == 0: x = b'x' * (1 << 30)\ntime.sleep(60)"})
        before = sandbox.container_id
        killer = threading.Timer(2.0, os.kill, (agent_pid(engine, sandbox), signal.SIGKILL))
        killer.start()
        report = sandbox.run(["python3", "main.py"], b"", limits())
        assert (report.exceeded, report.signal, report.exit_code) == (Exceeded.MEMORY, 9, None)
        assert sandbox.container_id is None
        sandbox.load({"main.py": b"print('again')"})
        assert sandbox.run(["python3", "main.py"], b"", limits()).stdout == b"again\n"
        assert sandbox.container_id not in {None, before}


WORKER = """
import os, sys
from execution.sandbox.container import ContainerSettings, open_pool
from execution.sandbox.interface import Limits, Profile
pool = open_pool(ContainerSettings(owner=sys.argv[1], docker_host=os.environ.get("DOCKER_HOST")))
pool.warm(Profile("python3"), 2)
with pool.lease(Profile("python3")) as sandbox:
    sandbox.load({"main.py": b"import time; time.sleep(600)"})
    print("running", flush=True)
    sandbox.run(["python3", "main.py"], b"", Limits(600_000, 600_000, None, 1000))
"""


def test_containers_end_with_their_worker(engine: docker.DockerClient, container_settings: ContainerSettings) -> None:
    owner = container_settings.owner + "-worker"
    command = [sys.executable, "-c", WORKER, owner]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"running\n"
        assert len(containers_of(engine, owner)) == 2
        worker.kill()
        worker.wait()
    assert eventually(lambda: not containers_of(engine, owner))


def test_abort_ends_what_runs_at_once(pool_of_its_own: Pool, engine: docker.DockerClient) -> None:
    pool = pool_of_its_own
    start = time.monotonic()
    with pytest.raises(SandboxBroken), pool.lease(PYTHON) as sandbox:  # noqa: PT012
        container_id = getattr(sandbox, "container_id", None)
        threading.Timer(0.5, pool.abort).start()
        run(sandbox, "import time; time.sleep(600)", given=limits(wall_ms=600_000))
    assert time.monotonic() - start < 30
    assert eventually(lambda: gone(engine, container_id))
    with pytest.raises(SandboxUnavailable), pool.lease(PYTHON):
        pass


def test_containers_that_never_started_are_swept(
    engine: docker.DockerClient, container_settings: ContainerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(container_settings, owner=container_settings.owner + "-swept")
    ours = Engine(settings)
    now = ours.now()
    stranded = engine.containers.create(**create_options(settings, "python3", 64, 20_000))
    other = engine.containers.create(**create_options(container_settings, "python3", 64, 20_000))
    try:
        ours.tend()
        assert not gone(engine, stranded.id), "it may be about to start"
        monkeypatch.setattr(ours, "now", lambda: now + 70)
        ours.tend()
        assert gone(engine, stranded.id)
        assert not gone(engine, other.id)
    finally:
        ours.close()
        other.remove(force=True)


def test_a_missing_image_is_said_with_what_to_do(pool_of_its_own: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "tag", lambda name: f"verdict/{name}:never-built")
    with pytest.raises(SandboxUnavailable, match="script/images"), pool_of_its_own.lease(PYTHON):
        pass


def test_an_image_nobody_has_heard_of(pool: Pool) -> None:
    with pytest.raises(SandboxUnavailable, match="cobol"), pool.lease(Profile("cobol")):
        pass


def test_no_descriptor_is_lost(container_settings: ContainerSettings) -> None:
    def cycle() -> int:
        pool = open_pool(replace(container_settings, idle_per_image=0))
        with pool.lease(PYTHON) as sandbox:
            run(sandbox, "print(1)")
        pool.close()
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    cycle()
    counts = [cycle() for _ in range(5)]  # other tests' threads open and close some meanwhile
    assert min(counts[3:]) <= max(counts[:2]), counts


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the library's unclosed socket
def test_an_engine_that_is_away_is_unavailable(tmp_path: Path) -> None:
    pool = open_pool(ContainerSettings(owner="nobody", docker_host=f"unix://{tmp_path}/none.sock"))
    start = time.monotonic()
    try:
        with pytest.raises(SandboxUnavailable, match="Docker engine"), pool.lease(PYTHON):
            pass
    finally:
        pool.close()
    assert time.monotonic() - start < 10
    gc.collect()
