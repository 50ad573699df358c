"""Makes the sandbox pool that the settings ask for, and the compiler that works in it."""

import logging
from collections.abc import Collection

from django.conf import settings

from execution.artifacts import ArtifactCache
from execution.compilation import Compiler
from execution.metrics import TimedPool, TimedSource
from execution.sandbox import container, process
from execution.sandbox.container import ContainerSettings
from execution.sandbox.interface import Profile, SandboxError, SandboxPool
from execution.sandbox.pool import Pool
from execution.sandbox.process import ProcessSettings
from runner_image import images as runner_images

log = logging.getLogger(__name__)


def new_pool(images: Collection[str]) -> SandboxPool:
    """A pool with warm sandboxes of each image, as far as they can be had now; it goes on trying by itself."""
    pool = _open()
    for image in images:
        try:
            pool.warm(Profile(image), min(settings.WORKER_CONCURRENCY, settings.POOL_IDLE_PER_IMAGE))
        except SandboxError as error:
            log.warning("no warm sandboxes of %s yet: %s", image, error)
    return TimedPool(pool)


def new_compiler(pool: SandboxPool) -> Compiler:
    """A compiler that remembers what it made, also over restarts."""
    cache = ArtifactCache(settings.ARTIFACT_DIR, settings.ARTIFACT_CACHE_MB << 20)
    return Compiler(pool, cache, _version_of)


def _version_of(image: str) -> str:
    """What tells an image from others of its name; without containers, this machine's own tools do the work."""
    return "process" if settings.SANDBOX == "process" else runner_images.tag(image)


def _open() -> Pool:
    """Each kind of pool makes its own source; each start of one's sandboxes is timed."""
    if settings.SANDBOX == "process":
        return process.open_pool(
            ProcessSettings(
                memory_mb=settings.CONTAINER_MEMORY_MB,
                concurrency=settings.WORKER_CONCURRENCY,
                idle_per_image=settings.POOL_IDLE_PER_IMAGE,
            ),
            TimedSource,
        )
    return container.open_pool(container_settings(), TimedSource)


def container_settings() -> ContainerSettings:
    """What Django's settings say of containers."""
    return ContainerSettings(
        owner=settings.INSTANCE,
        docker_host=settings.DOCKER_HOST or None,
        runtime=settings.SANDBOX_RUNTIME or None,
        memory_mb=settings.CONTAINER_MEMORY_MB,
        cpu_quota=settings.CONTAINER_CPU_QUOTA,
        processes=settings.CONTAINER_PROCESSES,
        tmp_mb=settings.CONTAINER_TMP_MB,
        concurrency=settings.WORKER_CONCURRENCY,
        idle_per_image=settings.POOL_IDLE_PER_IMAGE,
        pool_memory_mb=settings.POOL_MEMORY_MB,
        max_leases=settings.CONTAINER_MAX_SUBMISSIONS,
    )
