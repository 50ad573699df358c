"""Frees what was left behind on a Docker engine: containers of ours that serve nobody, and images without a name.

Others use the engine, too, other instances of Verdict among them. So whatever isn't certainly ours and useless stays:

* Containers with this instance's label that ended, or were created and never started, more than a minute ago; and
  those that run for a worker process of this machine that is dead, or, being our own process's, are in no pool of it.
* Images with our label that have neither name nor container, with the steps of their build that nothing else stands
  on. Images that have a name stay, whatever their version: another instance may be about to use them. So do those that
  were built on our base image, and only have the label from it: anybody may have built them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from execution.sandbox import identity

STALE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class FoundContainer:
    """A container of this instance. `since` is when it ended or, if it hasn't, was created: seconds since 1970.

    `worker` names the process that made it ("" if unknown), `is_held` says whether a pool of this process has it.
    """

    id: str
    state: str
    since: float
    worker: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image: `names` are its tags and digests, `parent` the image before its last build step ("" if there is none).

    `created` in seconds since 1970; `size` in bytes, its parents' layers included.
    """

    id: str
    names: tuple[str, ...]
    parent: str
    created: float
    size: int


@dataclass(frozen=True, slots=True)
class Freed:
    """What was removed, or would be: ids, and the bytes of the images' layers."""

    containers: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    bytes: int = 0

    def __str__(self) -> str:
        return f"containers: {len(self.containers)}, images: {len(self.images)} ({self.bytes / 1e6:.1f} MB)"


class Engine(Protocol):
    """What is asked of a Docker engine. All raise SandboxError."""

    def now(self) -> float:
        """By the engine's clock, as all its moments: seconds since 1970."""

    def containers(self) -> list[FoundContainer]:
        """This instance's, in whatever state."""

    def remove_container(self, container_id: str) -> bool:
        """By force; False if it is gone already."""

    def unused_images(self) -> list[FoundImage]:
        """With our label, without a name, without another image on top, in no container's use."""

    def image(self, image_id: str) -> FoundImage | None:
        """None if there is none."""

    def remove_image(self, image_id: str) -> bool:
        """This image only, and not if anything uses it: then False."""


def clean(engine: Engine, *, dry_run: bool = False) -> Freed:
    """Remove what serves nobody; with `dry_run` only find it. Raises SandboxError."""
    removes: Callable[[str], bool] = (lambda _: True) if dry_run else engine.remove_container
    now = engine.now()
    containers = [found.id for found in engine.containers() if serves_nobody(found, now) and removes(found.id)]
    images, size = [], 0
    for image in engine.unused_images():
        if now - image.created > STALE_SECONDS:  # a younger one may be about to get its name
            removed, freed = _remove_image(engine, image, dry_run)
            images += removed
            size += freed
    return Freed(tuple(containers), tuple(images), size)


def serves_nobody(found: FoundContainer, now: float) -> bool:
    """Whether the container may go, at that moment."""
    match found.state:
        case "exited" | "dead" | "created":
            return not found.is_held and now - found.since > STALE_SECONDS
        case "running" | "paused":
            return not found.is_held and (found.worker == identity.own() or identity.is_gone(found.worker))
        case _:
            return False


def _remove_image(engine: Engine, image: FoundImage, dry_run: bool) -> tuple[list[str], int]:
    """Remove the image and the steps that it was built in; what was removed, and its bytes."""
    removed, last = [], image
    for step in _steps(engine, image):
        if not dry_run and not engine.remove_image(step.id):
            break
        removed.append(step.id)
        last = step
    if not removed:
        return [], 0
    kept = engine.image(last.parent) if last.parent else None
    return removed, image.size - (kept.size if kept else 0)


def _steps(engine: Engine, image: FoundImage) -> Iterator[FoundImage]:
    """The image, and those before it that are but steps of a build: they have no name, and are no beginning."""
    yield image
    while (before := engine.image(image.parent) if image.parent else None) and before.parent and not before.names:
        yield before
        image = before
