"""Real containers, from the engine at DOCKER_HOST. Where there is none, or no image, these tests fail."""

import os
import secrets
import time
from collections.abc import Callable, Iterator

import docker
import pytest

from execution.sandbox.container import OWNER_LABEL, ContainerSandbox, ContainerSettings, open_pool
from execution.sandbox.interface import Limits, Profile, RunReport, Sandbox
from execution.sandbox.pool import Pool

PYTHON = Profile("python3")


def limits(
    cpu_ms: int = 5_000,
    wall_ms: int = 30_000,
    memory_kb: int | None = None,
    output_bytes: int = 1024 * 1024,
    stderr_bytes: int = 16 * 1024,
) -> Limits:
    """Wide limits: a busy machine must not decide a test."""
    return Limits(cpu_ms, wall_ms, memory_kb, output_bytes, stderr_bytes)


def run(sandbox: Sandbox, code: str, stdin: bytes = b"", given: Limits | None = None) -> RunReport:
    """Load a Python program and run it."""
    sandbox.load({"main.py": code.encode()})
    return sandbox.run(["python3", "main.py"], stdin, given or limits())


def eventually(fact: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether it becomes a fact in time."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def containers_of(engine: docker.DockerClient, owner: str) -> list[str]:
    """Ids of the owner's containers in whatever state."""
    filters: dict[str, str | list[str] | bool] = {"label": f"{OWNER_LABEL}={owner}"}
    return [entry["Id"] for entry in engine.api.containers(all=True, filters=filters)]


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """A client of one's own, to look at containers from outside."""
    client = docker.DockerClient(base_url=os.environ.get("DOCKER_HOST"))
    yield client
    client.close()


@pytest.fixture(scope="session")
def container_settings() -> ContainerSettings:
    return ContainerSettings(owner=f"test-{secrets.token_hex(6)}", docker_host=os.environ.get("DOCKER_HOST"))


@pytest.fixture(scope="session")
def pool(container_settings: ContainerSettings, engine: docker.DockerClient) -> Iterator[Pool]:
    """One pool for all tests, so that each finds what the ones before left, if they did. Nothing stays behind."""
    pool = open_pool(container_settings)
    yield pool
    pool.close()
    assert eventually(lambda: not containers_of(engine, container_settings.owner))


@pytest.fixture
def sandbox(pool: Pool) -> Iterator[ContainerSandbox]:
    """A leased container."""
    with pool.lease(PYTHON) as leased:
        assert isinstance(leased, ContainerSandbox)
        yield leased
