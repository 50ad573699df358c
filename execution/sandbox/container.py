"""Sandboxes that are Docker containers, one each. The only module that imports `docker`.

`create_options` is where every limit and every hardening flag stands. The rest is the life of a container: it is
created, attached to and started; it ends by itself when its stream does (standard input is open once, and the
container removes itself), so that a worker's death leaves nothing behind; and it is removed by force if need be.
The host never touches a container's file system: whatever goes in or out passes through the stream.
"""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import docker
import docker.errors
import requests.exceptions
import urllib3.exceptions
from docker.models.containers import Container

from execution.sandbox import cleanup, identity
from execution.sandbox.cleanup import FoundContainer, FoundImage
from execution.sandbox.interface import (
    AGENT_RESERVE_MB,
    OUT,
    ImageMissing,
    Limits,
    Profile,
    RunReport,
    SandboxBroken,
    SandboxError,
    SandboxUnavailable,
)
from execution.sandbox.pool import Pool, Source, as_it_is
from execution.sandbox.remote import GRACE_SECONDS, RemoteSandbox
from execution.sandbox.users import pick_uid
from execution.sandbox.wire import Demultiplexer, Stream
from runner_image import images

log = logging.getLogger(__name__)

OWNER_LABEL = "verdict.instance"  # on every container: whose it is
WORKER_LABEL = "verdict.worker"  # and which process made it
_CALL_SECONDS = 30  # for one call to the engine
_CONNECTIONS = 4  # kept open; the library keeps them per address, and addresses contain containers' names
_OOM_NEWS_SECONDS = 2  # how late the engine may be to tell of an OOM kill
_BASE = "base"  # the label of an imported base; what anybody builds on it inherits the label
_UNNAMED = {"<none>:<none>", "<none>@<none>"}
_held: set[str] = set()  # ids of this process's containers, whichever pool has them
_SECCOMP = (images.HERE / "seccomp.json").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """Where the engine is, what a container may use, how many are kept.

    `docker_host` like "unix:///run/docker.sock", None for the engine's default; `owner` tells this installation's
    containers from others' on the same engine; `cpu_quota` in µs of CPU time in each 100,000 µs; at most `concurrency`
    are leased at once; `pool_memory_mb` bounds the idle containers' limits taken together. A container is replaced
    after `max_leases` (0: never).
    """

    owner: str
    docker_host: str | None = None
    runtime: str | None = None
    memory_mb: int = 128
    cpu_quota: int = 50_000
    processes: int = 50
    tmp_mb: int = 50
    concurrency: int = 3
    idle_per_image: int = 3
    pool_memory_mb: int = 4096
    max_leases: int = 0
    grace_seconds: float = GRACE_SECONDS


def create_options(settings: ContainerSettings, image: str, memory_mb: int, uid: int) -> dict[str, Any]:
    """Everything a container is created with: arguments of docker's `containers.create`. `uid` is the program's."""
    tmpfs = "rw,noexec,nosuid,nodev"
    return {
        "image": images.tag(image),
        "command": [str(uid), str(memory_mb << 20), str(settings.cpu_quota), str(settings.processes)],
        "labels": {OWNER_LABEL: settings.owner, WORKER_LABEL: identity.own()},
        "hostname": "sandbox",
        "runtime": settings.runtime,
        # Life: bound to the stream.
        "stdin_open": True,  # the library makes it "once": the agent's input ends with our connection
        "auto_remove": True,
        "init": False,
        "log_config": {"type": "none"},
        # Resources.
        "mem_limit": f"{memory_mb}m",
        "memswap_limit": f"{memory_mb}m",  # the sum of both: no swap
        "oom_kill_disable": False,
        "cpu_period": 100_000,
        "cpu_quota": settings.cpu_quota,
        "pids_limit": settings.processes,
        # Core files: less than 1 byte would still be offered to the host's handler, where it has one (core(5)).
        "ulimits": [_ulimit("core", 1), _ulimit("nofile", 1024), _ulimit("msgqueue", 0), _ulimit("memlock", 0)],
        # Files: an inode costs kernel memory, so inodes are bounded too. Read-only /dev/mqueue takes the place of a
        # message queue file system; /box is root's, and holds the program: what one wrote can nowhere be executed.
        "read_only": True,
        "tmpfs": {
            "/tmp": f"{tmpfs},size={settings.tmp_mb}m,nr_inodes=4096,mode=1777",  # noqa: S108 - the container's
            "/dev/shm": f"{tmpfs},size=16m,nr_inodes=1000,mode=1777",  # noqa: S108 - the container's
            "/dev/mqueue": "ro,noexec,nosuid,nodev,size=4k",
            **_places_of_programs(image),
        },
        # Rights.
        "user": "0:0",
        "privileged": False,
        "cap_drop": ["ALL"],
        "cap_add": ["SETGID", "SETUID"],
        "security_opt": ["no-new-privileges:true", f"seccomp={_SECCOMP}"],
        "network_mode": "none",
        "ipc_mode": "private",
    }


def _places_of_programs(image: str) -> dict[str, str]:
    """Where programs lie; and where a compiler leaves them, for the host to take and load again."""
    if not images.compiles(image):
        return {"/box": "rw,noexec,nosuid,nodev,size=32m,nr_inodes=2048,mode=0755"}
    return {
        "/box": "rw,exec,nosuid,nodev,size=72m,nr_inodes=2048,mode=0755",
        OUT: "rw,noexec,nosuid,nodev,size=66m,nr_inodes=2048,mode=1777",
    }


def _ulimit(name: str, value: int) -> docker.types.Ulimit:
    return docker.types.Ulimit(name=name, soft=value, hard=value)


@contextlib.contextmanager
def engine_errors(what: str) -> Iterator[None]:
    """Turns whatever the library raises into SandboxError kinds: the one place where that is decided."""
    try:
        yield
    except docker.errors.ImageNotFound as error:
        hint = "build the runner images: script/images"
        raise ImageMissing(f"{what}: the image is missing; {hint}") from error
    except images.UnknownImage as error:
        raise ImageMissing(f"{what}: {error}") from error
    except docker.errors.NotFound as error:
        raise SandboxBroken(f"{what}: the container is gone") from error
    except (
        docker.errors.DockerException,
        docker.errors.StreamParseError,
        requests.exceptions.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
    ) as error:
        raise SandboxUnavailable(f"{what}: the Docker engine: {error}") from error


class Engine:
    """The Docker engine, connected to when it is first needed: the source of a pool's containers."""

    def __init__(self, settings: ContainerSettings) -> None:
        self.settings = settings
        self._client: docker.DockerClient | None = None
        self._lock = threading.Lock()
        host = settings.docker_host
        if host is not None and not host.startswith(("unix://", "tcp://")):
            raise ValueError(f"the Docker engine must be at unix://… or tcp://…, not {host}")

    @property
    def client(self) -> docker.DockerClient:
        """Use inside `engine_errors`."""
        with self._lock:
            if self._client is None:
                self._client = docker.DockerClient(
                    base_url=self.settings.docker_host, timeout=_CALL_SECONDS, num_pools=_CONNECTIONS
                )
            return self._client

    def memory_mb(self, profile: Profile) -> int:
        """The memory limit of the container that the profile needs: MiB."""
        if profile.memory_kb is None:
            return self.settings.memory_mb
        return -(-profile.memory_kb // 1024) + AGENT_RESERVE_MB

    def create(self, image: str, memory_mb: int) -> "ContainerSandbox":
        """A new container with its agent ready. Raises SandboxError."""
        sandbox = ContainerSandbox(self, image, memory_mb)
        sandbox.start()
        return sandbox

    def now(self) -> float:
        """By the engine's clock, seconds since 1970. Raises SandboxError.

        Its moments are compared with nothing else: our clock may differ from it, or jump. Should the engine's own clock
        jump, a container may be taken for old that is just being made; then its submission is judged in another.
        """
        with engine_errors("asking for the time"):
            return _seconds(self.client.info()["SystemTime"])

    def tend(self) -> None:
        """Remove our containers that were created and never started: their worker died between. Raises SandboxError."""
        for found in self._containers(status="created"):
            if cleanup.serves_nobody(found, self.now()):
                self.remove_container(found.id)

    # -- What cleanup.py asks for -----------------------------------------------------------------------------------
    def containers(self) -> list[FoundContainer]:
        return self._containers()

    def remove_container(self, container_id: str) -> bool:
        with engine_errors("removing a container"):
            return _remove(self.client.api, container_id)

    def unused_images(self) -> list[FoundImage]:
        with engine_errors("looking for images"):
            used = {entry["ImageID"] for entry in self.client.api.containers(all=True)}
            dangling = self.client.api.images(filters={"dangling": True, "label": images.LABEL})
        found = [(entry["Labels"][images.LABEL], self.image(entry["Id"])) for entry in dangling]
        return [
            image
            for label, image in found
            if image and not image.names and image.id not in used and not (label == _BASE and image.parent)
        ]

    def image(self, image_id: str) -> FoundImage | None:
        with engine_errors("looking at an image"):
            try:
                entry = self.client.images.get(image_id).attrs
            except docker.errors.ImageNotFound:
                return None
        names = {*(entry.get("RepoTags") or ()), *(entry.get("RepoDigests") or ())} - _UNNAMED
        created = _seconds(entry["Created"])
        return FoundImage(entry["Id"], tuple(sorted(names)), entry.get("Parent", ""), created, entry["Size"])

    def remove_image(self, image_id: str) -> bool:
        with engine_errors("removing an image"):
            try:
                self.client.api.remove_image(image_id, force=False, noprune=True)
            except docker.errors.ImageNotFound:
                return False
            except docker.errors.APIError as error:
                if error.status_code != HTTPStatus.CONFLICT:  # something uses it
                    raise
                return False
        return True

    def _containers(self, **filters: str) -> list[FoundContainer]:
        filters |= {"label": f"{OWNER_LABEL}={self.settings.owner}"}
        with engine_errors("looking for containers"):
            return [self._found(entry) for entry in self.client.api.containers(all=True, filters=filters)]

    def _found(self, entry: dict[str, Any]) -> FoundContainer:
        since = float(entry["Created"])
        if entry["State"] in {"exited", "dead"}:
            with contextlib.suppress(docker.errors.NotFound):
                since = _seconds(self.client.api.inspect_container(entry["Id"])["State"]["FinishedAt"])
        worker = entry["Labels"].get(WORKER_LABEL, "")
        return FoundContainer(entry["Id"], entry["State"], since, worker, entry["Id"] in _held)

    def close(self) -> None:
        """Close the connections that are open. (Another call opens new ones.)"""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()


class ContainerSandbox(RemoteSandbox):
    """One container, and the conversation with the agent in it."""

    def __init__(self, engine: Engine, image: str, memory_mb: int) -> None:
        super().__init__(image, memory_mb, engine.settings.grace_seconds)
        self._engine = engine
        self._container: Container | None = None
        self._since = 0.0

    def resize(self, memory_mb: int) -> None:
        """Change its memory limit; only while nothing runs in it. Raises SandboxError."""
        container = self._container
        if container is None:
            raise SandboxBroken("resizing a container: it is gone")
        with engine_errors("resizing a container"):
            container.update(mem_limit=f"{memory_mb}m", memswap_limit=f"{memory_mb}m")
        self.memory_mb = memory_mb

    @property
    def container_id(self) -> str | None:
        return None if self._container is None else self._container.id

    def cut_off(self) -> None:
        self._end()

    def run(self, argv: Sequence[str], stdin: bytes | Path, limits: Limits) -> RunReport:
        self._since = time.monotonic()  # what ran out of memory here before was somebody else's
        return super().run(argv, stdin, limits)

    def _begin(self) -> Stream:
        with engine_errors("starting a container"):
            options = create_options(self._engine.settings, self.image, self.memory_mb, pick_uid())
            self._container = container = self._engine.client.containers.create(**options)
            _held.add(str(container.id))
            attached: Any = container.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            try:
                container.start()
            except BaseException:
                _hang_up(attached)
                raise
        return Stream(attached.fileno(), attached.fileno(), lambda: _hang_up(attached), Demultiplexer())

    def _end(self) -> None:
        container, self._container = self._container, None
        if container is None:
            return
        try:
            with engine_errors("removing a container"):
                _remove(self._engine.client.api, container.id)
        except SandboxError as error:  # it ends by itself, now that its stream is closed
            log.warning("container %s could not be removed: %s", container.id, error)
        _held.discard(str(container.id))

    def _ran_out_of_memory(self) -> bool:
        """The container is gone already, as it removes itself; the engine's recent events still tell of it."""
        if self._container is None:
            return False
        try:
            now = self._engine.now()
            began = now - (time.monotonic() - self._since)
            with engine_errors("asking for a container's end"):
                news = self._engine.client.events(
                    since=cast(Any, f"{began:.6f}"),
                    until=int(now) + _OOM_NEWS_SECONDS,
                    filters={"container": self._container.id, "event": "oom"},
                    decode=True,
                )
                with contextlib.closing(news):
                    return next(iter(news), None) is not None
        except SandboxError:
            return False


def open_pool(settings: ContainerSettings, around: Callable[[Source], Source] = as_it_is) -> Pool:
    """A pool of containers. The engine is not asked for anything before the first lease, or `warm`.

    `around` may wrap it.
    """
    return Pool(
        around(Engine(settings)),
        leases=settings.concurrency,
        idle_per_image=settings.idle_per_image,
        idle_memory_mb=settings.pool_memory_mb,
        max_leases=settings.max_leases,
    )


def _remove(api: docker.APIClient, container_id: str | None) -> bool:
    """Remove a container in whatever state; False if somebody did that already. Raises docker's errors."""
    try:
        api.remove_container(str(container_id), force=True)
    except docker.errors.NotFound:
        return False
    except docker.errors.APIError as error:
        if error.status_code != HTTPStatus.CONFLICT:  # its removal is in progress
            raise
        return False
    return True


def _seconds(moment: str) -> float:
    """The engine's way to write a moment, as seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()


def _hang_up(attached: Any) -> None:
    """Close the connection itself: others in the library may hold references to its socket."""
    connection = attached._sock
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    attached.close()
    connection.close()
