"""Sandboxes of no substance, for the pool's decisions."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from execution.sandbox.fake import report
from execution.sandbox.interface import Limits, Profile, RunReport, SandboxBroken, SandboxUnavailable
from execution.sandbox.pool import Pool


class Room:
    """A Pooled sandbox of no substance."""

    def __init__(self, image: str, memory_mb: int) -> None:
        self.image, self.memory_mb = image, memory_mb
        self.pings = self.resets = self.resizes = self.destroyed = self.cut = 0
        self.dead = self.dirty = self.rigid = False

    def load(self, files: Mapping[str, bytes], *, executable: bool = False) -> None: ...

    def run(self, argv: Sequence[str], stdin: bytes | Path, limits: Limits) -> RunReport:
        return report()

    def ping(self) -> None:
        self.pings += 1
        if self.dead:
            raise SandboxBroken("dead")

    def resize(self, memory_mb: int) -> None:
        self.resizes += 1
        if self.rigid:
            raise SandboxUnavailable("in use")
        self.memory_mb = memory_mb

    def reset(self) -> None:
        self.resets += 1
        if self.dirty:
            raise SandboxBroken("dirty")

    def destroy(self) -> None:
        self.destroyed += 1

    def cut_off(self) -> None:
        self.cut += 1


class Rooms:
    """A Source that remembers what it made."""

    def __init__(self) -> None:
        self.made: list[Room] = []
        self.asked: list[float] = []
        self.away = self.full = False
        self.tended = 0
        self.closed = False

    def memory_mb(self, profile: Profile) -> int:
        return 128 if profile.memory_kb is None else profile.memory_kb // 1024

    def create(self, image: str, memory_mb: int) -> Room:
        self.asked.append(time.monotonic())
        if self.away or self.full:
            raise SandboxUnavailable("away")
        self.made.append(Room(image, memory_mb))
        return self.made[-1]

    def tend(self) -> None:
        self.tended += 1
        if self.away:
            raise SandboxUnavailable("away")

    def close(self) -> None:
        self.closed = True


A, B, SMALL_A = Profile("a"), Profile("b"), Profile("a", 64 * 1024)


def lease(pool: Pool, *profiles: Profile) -> None:
    """Hold leases for all of them at once, and give back the last first."""
    if profiles:
        with pool.lease(profiles[0]):
            lease(pool, *profiles[1:])


def counts(pool: Pool) -> tuple[int, int, int, int, int]:
    stat = pool.stat()
    return stat.idle, stat.running, stat.created, stat.destroyed, stat.reused
