"""The pool: leases sandboxes, and keeps idle ones warm.

The last one given back is leased first, and the one unused for longest is destroyed first when too many are idle: of
one image, or of all within the memory budget. What happens is decided under the lock and done without it, so that
nobody waits for another's container. An idle one is asked whether it lives before it is leased; the dead are replaced,
not leased. One thread tends the idle ones: it pings them (an agent that hears nothing for a minute exits), and makes
new ones where those that `warm` asked for are missing.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Protocol

from execution.sandbox.interface import PoolStat, Profile, Sandbox, SandboxError, SandboxUnavailable

log = logging.getLogger(__name__)

TEND_SECONDS = 20.0


class Pooled(Sandbox, Protocol):
    """What the pool asks of a sandbox that is started. All but `cut_off` and `destroy` raise SandboxError."""

    image: str
    memory_mb: int

    def ping(self) -> None: ...
    def resize(self, memory_mb: int) -> None: ...
    def reset(self) -> None: ...
    def cut_off(self) -> None: ...
    def destroy(self) -> None: ...


class Source(Protocol):
    """Where a pool's sandboxes come from. All but `close` raise SandboxError."""

    def memory_mb(self, profile: Profile) -> int:
        """The size of the sandbox that the profile needs: MiB."""

    def create(self, image: str, memory_mb: int) -> Pooled:
        """A new sandbox, started."""

    def tend(self) -> None:
        """Called from time to time: to clear away what has gone astray."""

    def close(self) -> None:
        """Nothing more is asked for, but the destruction of what is still leased."""


class Pool:
    """A SandboxPool (see interface.py).

    Keeps at most `idle_per_image` idle sandboxes of an image, and at most `idle_memory_mb` MiB of all.
    """

    def __init__(
        self, source: Source, *, idle_per_image: int, idle_memory_mb: int, tend_seconds: float = TEND_SECONDS
    ) -> None:
        self._source = source
        self._idle_per_image, self._idle_memory_mb = idle_per_image, idle_memory_mb
        self._lock = threading.Lock()
        self._idle: list[Pooled] = []  # the last used at the end
        self._leased: list[Pooled] = []
        self._warm: dict[str, tuple[int, int]] = {}  # image to how many, and of which size
        self._created = self._destroyed = self._reused = 0
        self._tend_seconds = tend_seconds
        self._closed = threading.Event()
        self._wanted = threading.Event()  # the tending thread has something to do before its time
        self._thread = threading.Thread(target=self._tend_idle, name="sandbox-pool", daemon=True)
        self._thread.start()

    # -- Leases ------------------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def lease(self, profile: Profile) -> Iterator[Sandbox]:
        sandbox = self._acquire(profile.image, self._source.memory_mb(profile))
        try:
            yield sandbox
        except BaseException:
            self._discard(sandbox)
            raise
        self._release(sandbox)

    def _acquire(self, image: str, memory_mb: int) -> Pooled:
        while (sandbox := self._take(image, memory_mb)) is not None:
            try:
                sandbox.ping()
                if sandbox.memory_mb != memory_mb:
                    sandbox.resize(memory_mb)
            except SandboxError as error:
                log.warning("an idle sandbox is replaced: %s", error)
                self._discard(sandbox)
            else:
                with self._lock:
                    self._reused += 1
                return sandbox
        return self._make(image, memory_mb)

    def _take(self, image: str, memory_mb: int) -> Pooled | None:
        """An idle sandbox, of the right size if there is one."""
        with self._lock:
            if self._closed.is_set():
                raise SandboxUnavailable("the pool is closed")
            fitting = [sandbox for sandbox in self._idle if sandbox.image == image]
            if not fitting:
                return None
            chosen = next((s for s in reversed(fitting) if s.memory_mb == memory_mb), fitting[-1])
            self._idle.remove(chosen)
            self._leased.append(chosen)
            return chosen

    def _make(self, image: str, memory_mb: int) -> Pooled:
        sandbox = self._source.create(image, memory_mb)
        with self._lock:
            self._created += 1
            self._leased.append(sandbox)
        if self._closed.is_set():  # meanwhile
            self._discard(sandbox)
            raise SandboxUnavailable("the pool is closed")
        return sandbox

    def _release(self, sandbox: Pooled) -> None:
        try:
            sandbox.reset()
        except SandboxError as error:
            log.warning("a sandbox is not used again: %s", error)
            self._discard(sandbox)
        else:
            self._put_back(sandbox)

    def _put_back(self, sandbox: Pooled, place: int | None = None) -> None:
        """Make it idle: the last used, or at a `place` in the order."""
        with self._lock:
            self._leased.remove(sandbox)
            self._idle.insert(len(self._idle) if place is None else place, sandbox)
            surplus = self._surplus()
            self._destroyed += len(surplus)
        for victim in surplus:
            victim.destroy()

    def _surplus(self) -> list[Pooled]:
        """Takes out those that are too many, the least recently used first. Under the lock."""
        surplus = []
        for sandbox in list(self._idle):
            of_image = sum(other.image == sandbox.image for other in self._idle)
            memory_mb = sum(other.memory_mb for other in self._idle)
            if self._closed.is_set() or of_image > self._idle_per_image or memory_mb > self._idle_memory_mb:
                self._idle.remove(sandbox)
                surplus.append(sandbox)
        return surplus

    def _discard(self, sandbox: Pooled) -> None:
        with self._lock:
            self._leased.remove(sandbox)
            self._destroyed += 1
        sandbox.destroy()
        self._wanted.set()

    # -- The idle ones -----------------------------------------------------------------------------------------------
    def warm(self, profile: Profile, count: int) -> None:
        """Have `count` sandboxes ready, now and whenever some were lost, as far as the bounds allow.

        Raises SandboxError if they can't be made now; the pool goes on trying.
        """
        self._warm[profile.image] = count, self._source.memory_mb(profile)
        self._restock()

    def _restock(self) -> None:
        for image, (count, memory_mb) in list(self._warm.items()):
            while self._lacks(image, count, memory_mb):
                self._put_back(self._make(image, memory_mb))

    def _lacks(self, image: str, count: int, memory_mb: int) -> bool:
        with self._lock:
            present = sum(sandbox.image == image for sandbox in self._idle + self._leased)
            used_mb = sum(sandbox.memory_mb for sandbox in self._idle)
        wanted = min(count, self._idle_per_image)
        return not self._closed.is_set() and present < wanted and used_mb + memory_mb <= self._idle_memory_mb

    def _tend_idle(self) -> None:
        while True:
            self._wanted.wait(self._tend_seconds)
            self._wanted.clear()
            if self._closed.is_set():
                return
            try:
                for sandbox in list(self._idle):
                    self._check(sandbox)
                self._restock()
                self._source.tend()
            except SandboxError as error:
                log.warning("tending the pool: %s", error)
            except Exception:
                log.exception("tending the pool failed")

    def _check(self, sandbox: Pooled) -> None:
        """Ping it if it is still idle, out of everybody's reach meanwhile."""
        with self._lock:
            if sandbox not in self._idle:
                return
            place = self._idle.index(sandbox)
            self._idle.remove(sandbox)
            self._leased.append(sandbox)
        try:
            sandbox.ping()
        except SandboxError as error:
            log.warning("an idle sandbox is lost: %s", error)
            self._discard(sandbox)
        else:
            self._put_back(sandbox, place)

    # ----------------------------------------------------------------------------------------------------------------
    def stat(self) -> PoolStat:
        with self._lock:
            return PoolStat(len(self._idle), len(self._leased), self._created, self._destroyed, self._reused)

    def close(self) -> None:
        self._closed.set()
        self._wanted.set()
        self._thread.join(timeout=TEND_SECONDS)
        with self._lock:
            surplus = self._surplus()
            self._destroyed += len(surplus)
        for sandbox in surplus:
            sandbox.destroy()
        self._source.close()

    def abort(self) -> None:
        self._closed.set()
        with self._lock:
            leased = list(self._leased)
        for sandbox in leased:
            sandbox.cut_off()
