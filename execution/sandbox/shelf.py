"""Which idle sandboxes are kept, which is taken next, and which must go. Not for several threads at once."""

from collections.abc import Iterator
from typing import Protocol

from execution.sandbox.interface import Sandbox


class Pooled(Sandbox, Protocol):
    """What the pool asks of a sandbox that is started. All but `cut_off` and `destroy` raise SandboxError."""

    image: str
    memory_mb: int

    def ping(self) -> None: ...
    def resize(self, memory_mb: int) -> None: ...
    def reset(self) -> None: ...
    def cut_off(self) -> None: ...
    def destroy(self) -> None: ...


class Shelf:
    """The idle sandboxes, the last used at the end.

    Keeps at most `per_image` of an image and `memory_mb` MiB of all. `wanted` says how many of an image are wanted in
    any case: those go last.
    """

    def __init__(self, per_image: int, memory_mb: int) -> None:
        self._per_image, self._memory_mb = per_image, memory_mb
        self._idle: list[Pooled] = []
        self.wanted: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._idle)

    def __iter__(self) -> Iterator[Pooled]:
        return iter(self._idle)

    def count(self, image: str) -> int:
        return sum(sandbox.image == image for sandbox in self._idle)

    def take(self, image: str, memory_mb: int) -> Pooled | None:
        """The last used one of that size; of another, if there is none of it; None if there is none at all."""
        fitting = [sandbox for sandbox in self._idle if sandbox.image == image]
        if not fitting:
            return None
        chosen = next((s for s in reversed(fitting) if s.memory_mb == memory_mb), fitting[-1])
        self._idle.remove(chosen)
        return chosen

    def lift(self, sandbox: Pooled) -> int | None:
        """Take this very one; returns its place, for `put`, None if it isn't there."""
        if sandbox not in self._idle:
            return None
        place = self._idle.index(sandbox)
        del self._idle[place]
        return place

    def put(self, sandbox: Pooled, place: int | None = None) -> list[Pooled]:
        """Keep it, as the last used or in a place among the others; returns those that must go for it."""
        self._idle.insert(len(self._idle) if place is None else place, sandbox)
        surplus = []
        while (victim := self._victim()) is not None:
            self._idle.remove(victim)
            surplus.append(victim)
        return surplus

    def clear(self) -> list[Pooled]:
        """Keep none; returns those that were kept."""
        kept, self._idle = self._idle, []
        return kept

    def has_room(self, image: str, memory_mb: int, others: int = 0) -> bool:
        """Whether one more could be kept, and so many `others` of the image as well, without one having to go."""
        of_image = self.count(image) + others
        return of_image < self._per_image and self._used_mb() + memory_mb <= self._memory_mb

    def _used_mb(self) -> int:
        return sum(sandbox.memory_mb for sandbox in self._idle)

    def _victim(self) -> Pooled | None:
        """The one to go next: the least recently used of an image with too many, or of all where memory is short."""
        for sandbox in self._idle:
            if self.count(sandbox.image) > self._per_image:
                return sandbox
        if self._used_mb() <= self._memory_mb:
            return None
        spare = (s for s in self._idle if self.count(s.image) > self.wanted.get(s.image, 0))
        return next(spare, self._idle[0])
