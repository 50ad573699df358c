"""A source that is away, or makes nothing."""

import time
from itertools import pairwise

import pytest

from execution.sandbox.interface import ImageMissing, SandboxUnavailable
from execution.sandbox.pool import Pool
from tests.sandbox.conftest import eventually
from tests.sandbox.pool.rooms import A, B, Room, Rooms, lease


class TestASourceThatIsAway:
    def test_it_is_not_hammered(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.01, pause_seconds=0.2)
        rooms.away = True
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            with pytest.raises(SandboxUnavailable), pool.lease(A):
                pass
        assert 1 < len(rooms.asked) <= 4, "after 0, 0.2, 0.6 and 1.4 s"
        pool.close()

    def test_it_tells_until_it_is_back(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.01, pause_seconds=0.01)
        assert not pool.stat().away
        rooms.away = True
        assert eventually(lambda: pool.stat().away), "without a lease"
        rooms.away = False
        assert eventually(lambda: not pool.stat().away)
        pool.close()

    def test_what_could_not_be_made_once_is_not_held_against_it_for_long(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=3600, pause_seconds=0.1)
        rooms.full = True
        with pytest.raises(SandboxUnavailable), pool.lease(A):
            pass
        assert eventually(lambda: not pool.stat().away)
        pool.close()

    def test_idle_ones_can_still_be_had(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=3600)
        lease(pool, A)
        rooms.away = True
        with pytest.raises(SandboxUnavailable), pool.lease(B):
            pass
        with pool.lease(A) as sandbox:
            assert sandbox is rooms.made[0]
        pool.close()

    def test_all_goes_on_as_soon_as_it_is_back_however_long_the_pause_was(
        self, rooms: Rooms, caplog: pytest.LogCaptureFixture
    ) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=3600, pause_seconds=0.02)
        rooms.away = True
        with pytest.raises(SandboxUnavailable):
            pool.warm(A, 1)
        pool._backoff._pause = 3600
        assert eventually(lambda: pool._backoff.remaining() == 0)
        assert eventually(lambda: pool._backoff.remaining() > 1)
        rooms.away = False
        assert eventually(lambda: pool.stat().idle == 1, seconds=20)
        lease(pool, A)
        assert sum(record.message == "tending the pool: away" for record in caplog.records) == 1
        pool.close()

    def test_one_that_answers_and_makes_none_is_asked_ever_more_rarely(
        self, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.01, pause_seconds=0.1)
        asked: list[float] = []

        def full(image: str, memory_mb: int) -> Room:
            asked.append(time.monotonic())
            raise SandboxUnavailable("no space left on device")

        monkeypatch.setattr(rooms, "create", full)
        with pytest.raises(SandboxUnavailable):
            pool.warm(A, 1)
        assert eventually(lambda: len(asked) == 4)
        gaps = [later - earlier for earlier, later in pairwise(asked)]
        assert [gap >= least for gap, least in zip(gaps, (0.1, 0.2, 0.4), strict=True)] == [True] * 3
        monkeypatch.undo()
        assert eventually(lambda: pool.stat().idle == 1)
        pool.close()

    def test_a_missing_image_keeps_nobody_from_others(self, rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=3600)

        def missing(image: str, memory_mb: int) -> Room:
            raise ImageMissing("never built")

        with monkeypatch.context() as patch:
            patch.setattr(rooms, "create", missing)
            with pytest.raises(ImageMissing), pool.lease(B):
                pass
        lease(pool, A)
        pool.close()
