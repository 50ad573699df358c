"""The pool: leases sandboxes, so many at once, and keeps idle ones warm.

The last one given back is leased first (see shelf.py for which are kept). What happens is decided under the lock and
done without it, so that nobody waits for another's container. An idle one is asked whether it lives before it is
leased; the dead are replaced, not leased. One thread tends the idle ones: it pings them (an agent that hears nothing
for a minute exits), and makes new ones: where those that `warm` asked for are missing, of a size that had to be
changed, so that it needn't be again, and for those that have served often enough, which serve on until then.

While none can be made, nobody tries to without a pause (see backoff.py); the thread asks meanwhile whether the source
is back, so that all goes on as soon as it is.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

from execution.sandbox.backoff import FIRST_SECONDS, Backoff
from execution.sandbox.interface import ImageMissing, PoolStat, Profile, Sandbox, SandboxError, SandboxUnavailable
from execution.sandbox.shelf import Pooled, Shelf
from execution.sandbox.turns import Turns

log = logging.getLogger(__name__)

TEND_SECONDS = 20.0


class Source(Protocol):
    """Where a pool's sandboxes come from. All but `close` raise SandboxError."""

    def memory_mb(self, profile: Profile) -> int:
        """The size of the sandbox that the profile needs: MiB."""

    def create(self, image: str, memory_mb: int) -> Pooled:
        """A new sandbox, started."""

    def tend(self) -> None:
        """Called from time to time: to clear away what has gone astray. Fails while the source is away."""

    def close(self) -> None:
        """Nothing more is asked for, but the destruction of what is still leased."""


def as_it_is(source: Source) -> Source:
    """For who wraps no source."""
    return source


class Pool:
    """A SandboxPool (see interface.py).

    At most `leases` are leased at once; a further one waits for its turn. Keeps at most `idle_per_image` idle
    sandboxes of an image, and at most `idle_memory_mb` MiB of all. Replaces one after `max_leases` (0: never).
    """

    def __init__(
        self,
        source: Source,
        *,
        leases: int,
        idle_per_image: int,
        idle_memory_mb: int,
        max_leases: int = 0,
        tend_seconds: float = TEND_SECONDS,
        pause_seconds: float = FIRST_SECONDS,
    ) -> None:
        self._source = source
        self._turns = Turns(leases)
        self._lock = threading.Lock()
        self._idle = Shelf(idle_per_image, idle_memory_mb)
        self._leased: list[Pooled] = []  # also those that are pinged
        self._warm: dict[str, tuple[int, int]] = {}  # image to how many, and of which size
        self._resized: set[tuple[str, int]] = set()  # images and sizes of which one was lost to another size
        self._max_leases = max_leases
        self._leases: WeakKeyDictionary[Pooled, int] = WeakKeyDictionary()  # how often each has been leased
        self._replaced: WeakSet[Pooled] = WeakSet()  # worn out, and another is there in its stead
        self._retired: list[Pooled] = []  # to be destroyed, and leased no more
        self._created = self._destroyed = self._reused = 0
        self._tend_seconds = tend_seconds
        self._pause_seconds = pause_seconds
        self._backoff = Backoff(pause_seconds)
        self._source_is_away = False
        self._closed = threading.Event()
        self._wanted = threading.Event()  # the tending thread has something to do before its time
        self._thread = threading.Thread(target=self._tend_idle, name="sandbox-pool", daemon=True)
        self._thread.start()

    # -- Leases ------------------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def lease(self, profile: Profile) -> Iterator[Sandbox]:
        with self._turns.taken():
            sandbox = self._acquire(profile.image, self._source.memory_mb(profile))
            self._leases[sandbox] = self._leases.get(sandbox, 0) + 1
            with self._or_discard(sandbox):
                yield sandbox
            self._release(sandbox)

    def _acquire(self, image: str, memory_mb: int) -> Pooled:
        while (sandbox := self._take(image, memory_mb)) is not None:
            try:
                with self._or_discard(sandbox):
                    sandbox.ping()
                    if sandbox.memory_mb != memory_mb:
                        self._resize(sandbox, memory_mb)
            except SandboxError as error:
                log.warning("an idle sandbox is replaced: %s", error)
            else:
                with self._lock:
                    self._reused += 1
                return sandbox
        return self._make(image, memory_mb)

    def _take(self, image: str, memory_mb: int) -> Pooled | None:
        with self._lock:
            if self._closed.is_set():
                raise SandboxUnavailable("the pool is closed")
            sandbox = self._idle.take(image, memory_mb)
            if sandbox is not None:
                self._leased.append(sandbox)
            return sandbox

    def _resize(self, sandbox: Pooled, memory_mb: int) -> None:
        before = sandbox.memory_mb
        sandbox.resize(memory_mb)
        self._resized.add((sandbox.image, before))
        self._wanted.set()

    def _make(self, image: str, memory_mb: int) -> Pooled:
        if pause := self._backoff.remaining():
            raise SandboxUnavailable(f"none could be made a moment ago, the next try is in {pause:.0f} s")
        sandbox = self._create(image, memory_mb)
        with self._lock:
            self._created += 1
            self._leased.append(sandbox)
        if self._closed.is_set():  # meanwhile
            self._discard(sandbox)
            raise SandboxUnavailable("the pool is closed")
        return sandbox

    def _create(self, image: str, memory_mb: int) -> Pooled:
        try:
            sandbox = self._source.create(image, memory_mb)
        except ImageMissing:  # others may be there
            raise
        except SandboxUnavailable:
            self._backoff.failed()
            self._wanted.set()
            raise
        self._backoff.worked()
        return sandbox

    def _release(self, sandbox: Pooled) -> None:
        if sandbox in self._replaced:
            self._retire(sandbox)
            return
        try:
            with self._or_discard(sandbox):
                sandbox.reset()
        except SandboxError as error:
            log.warning("a sandbox is not used again: %s", error)
        else:
            self._put_back(sandbox)
            if self._is_worn(sandbox):
                self._wanted.set()

    def _is_worn(self, sandbox: Pooled) -> bool:
        return 0 < self._max_leases <= self._leases.get(sandbox, 0)

    def _retire(self, sandbox: Pooled) -> None:
        """Leave it to the tending thread to destroy it: whoever gives it back has a result to deliver."""
        with self._lock:
            if not self._closed.is_set():
                self._retired.append(sandbox)
                self._wanted.set()
                return
        self._discard(sandbox)

    def _put_back(self, sandbox: Pooled, place: int | None = None) -> None:
        """Make it idle: the last used, or at a `place` in the order."""
        with self._lock:
            self._leased.remove(sandbox)
            surplus = self._idle.put(sandbox, place)
            if self._closed.is_set():
                surplus += self._idle.clear()
            self._destroyed += len(surplus)
        for victim in surplus:
            victim.destroy()

    @contextlib.contextmanager
    def _or_discard(self, sandbox: Pooled) -> Iterator[None]:
        """Whatever is raised, nobody uses the sandbox again."""
        try:
            yield
        except BaseException:
            self._discard(sandbox)
            raise

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
        self._idle.wanted[profile.image] = count
        self._restock()

    def _restock(self) -> None:
        for image, (count, memory_mb) in list(self._warm.items()):
            while self._present(image) < count and self._has_room(image, memory_mb):
                self._put_back(self._make(image, memory_mb))

    def _make_spares(self) -> None:
        while self._resized:
            image, memory_mb = self._resized.pop()
            if self._has_room(image, memory_mb):
                self._put_back(self._make(image, memory_mb), place=0)

    def _replace_worn(self) -> None:
        """Make another for each that has served often enough. One that is leased at the moment retires afterwards."""
        with self._lock:
            worn = [s for s in (*self._idle, *self._leased) if self._is_worn(s) and s not in self._replaced]
        for old in worn:
            new = self._make(old.image, old.memory_mb)
            with self._lock:
                self._replaced.add(old)
                place = self._idle.lift(old)
                if place is not None:
                    self._leased.append(old)
            self._put_back(new, place or 0)
            if place is not None:
                self._discard(old)

    def _destroy_retired(self) -> None:
        with self._lock:
            retired, self._retired = self._retired, []
        for sandbox in retired:
            self._discard(sandbox)

    def _present(self, image: str) -> int:
        with self._lock:
            return self._idle.count(image) + self._leased_of(image)

    def _has_room(self, image: str, memory_mb: int) -> bool:
        """Whether one more may be made, which could stay when those that are leased come back."""
        with self._lock:
            return not self._closed.is_set() and self._idle.has_room(image, memory_mb, self._leased_of(image))

    def _leased_of(self, image: str) -> int:
        return sum(sandbox.image == image for sandbox in self._leased)

    def _tend_idle(self) -> None:
        while True:
            self._wanted.wait(self._pause_seconds if self._backoff.is_on else self._tend_seconds)
            self._wanted.clear()
            if self._closed.is_set():
                return
            try:
                self._tend()
            except SandboxError as error:
                log.warning("tending the pool: %s", error)
            except Exception:
                log.exception("tending the pool failed")

    def _tend(self) -> None:
        for sandbox in list(self._idle):
            self._check(sandbox)
        self._destroy_retired()
        if not self._source_is_there() or self._backoff.remaining():
            return
        self._restock()
        self._make_spares()
        self._replace_worn()

    def _source_is_there(self) -> bool:
        """Ask it, and take notice once when it goes or comes back."""
        try:
            self._source.tend()
        except SandboxError as error:
            if not self._source_is_away:
                log.warning("tending the pool: %s", error)
            self._source_is_away = True
            self._backoff.failed()
            return False
        if self._source_is_away:
            log.info("sandboxes can be had again")
            self._source_is_away = False
            self._backoff.worked()
        return True

    def _check(self, sandbox: Pooled) -> None:
        """Ping it if it is still idle, out of everybody's reach meanwhile."""
        with self._lock:
            place = self._idle.lift(sandbox)
            if place is None:
                return
            self._leased.append(sandbox)
        try:
            with self._or_discard(sandbox):
                sandbox.ping()
        except SandboxError as error:
            log.warning("an idle sandbox is lost: %s", error)
        else:
            self._put_back(sandbox, place)

    # ----------------------------------------------------------------------------------------------------------------
    def stat(self) -> PoolStat:
        away = self._source_is_away or self._backoff.remaining() > 0  # not is_on: perhaps nobody tries again for long
        with self._lock:
            return PoolStat(len(self._idle), len(self._leased), self._created, self._destroyed, self._reused, away)

    def close(self) -> None:
        self._refuse()
        self._wanted.set()
        self._thread.join(timeout=TEND_SECONDS)
        with self._lock:
            idle = self._idle.clear()
            self._destroyed += len(idle)
        for sandbox in idle:
            sandbox.destroy()
        self._destroy_retired()
        self._source.close()

    def abort(self) -> None:
        self._refuse()
        with self._lock:
            leased = list(self._leased)
        for sandbox in leased:
            sandbox.cut_off()

    def _refuse(self) -> None:
        self._closed.set()
        self._turns.close()
