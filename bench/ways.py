"""Ways to run one program that are not ours: a new container for each, and `docker exec` in one that is there.

Both are locked down like ours, and have no agent.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import docker

from execution.sandbox.container import OWNER_LABEL, ContainerSettings, create_options
from execution.sandbox.interface import Profile

PROFILE = Profile("python3")
ON_ITS_OWN = ["python3", "-c", "print(41 + 1)"]  # these ways have no place for files


@contextmanager
def engine(settings: ContainerSettings) -> Iterator[docker.DockerClient]:
    """Docker's engine; at the end what was interrupted leaves no container there."""
    client = docker.DockerClient(base_url=settings.docker_host)
    with closing(client):
        try:
            yield client
        finally:
            for left in client.containers.list(all=True, filters={"label": f"{OWNER_LABEL}={settings.owner}"}):
                left.remove(force=True)


def run_cold(client: docker.DockerClient, settings: ContainerSettings, command: Sequence[str]) -> bytes:
    """What `command` prints in a new container, which is gone afterwards."""
    printed: bytes = client.containers.run(command=list(command), remove=True, **_without_agent(settings))
    return printed


@contextmanager
def idle(client: docker.DockerClient, settings: ContainerSettings) -> Iterator[Any]:
    """A container that does nothing, for `exec_run`."""
    container = client.containers.run(command=["sleep", "3600"], detach=True, **_without_agent(settings))
    try:
        yield container
    finally:
        container.remove(force=True)


def timed(action: Callable[[], object]) -> float:
    """The milliseconds that it takes."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def _without_agent(settings: ContainerSettings) -> dict[str, Any]:
    options = create_options(settings, PROFILE.image, settings.memory_mb, 1000)
    del options["command"]
    return options | {"entrypoint": [], "auto_remove": False, "stdin_open": False, "log_config": {"type": "json-file"}}
