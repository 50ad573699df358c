"""What the pool keeps ready, tends and replaces while nobody waits."""

import threading
from collections.abc import Iterator

import pytest

from execution.sandbox.interface import SandboxBroken, SandboxUnavailable
from execution.sandbox.pool import Pool
from tests.sandbox.conftest import eventually
from tests.sandbox.pool.rooms import SMALL_A, A, B, Room, Rooms, counts, lease


class TestSpares:
    """Where the size of one had to be changed, one more is made while nobody waits for it."""

    def test_the_size_that_was_lost_is_made_again(self, pool: Pool, rooms: Rooms) -> None:
        lease(pool, A)
        lease(pool, SMALL_A)
        assert eventually(lambda: pool.stat().idle == 2)
        lease(pool, A)
        lease(pool, SMALL_A)
        assert [(room.memory_mb, room.resizes) for room in rooms.made] == [(64, 1), (128, 0)]

    def test_none_is_destroyed_for_it(self, pool: Pool, rooms: Rooms) -> None:
        lease(pool, A, A)
        lease(pool, SMALL_A)
        assert eventually(lambda: rooms.tended == 1), "the thread has seen to it"
        assert counts(pool) == (2, 0, 2, 0, 1)


class TestWarmth:
    def test_as_many_as_asked_for(self, pool: Pool, rooms: Rooms) -> None:
        pool.warm(A, 2)
        assert counts(pool) == (2, 0, 2, 0, 0)

    def test_within_the_bounds(self, pool: Pool) -> None:
        pool.warm(A, 99)
        pool.warm(B, 99)
        assert counts(pool) == (3, 0, 3, 0, 0)

    def test_those_in_use_count(self, pool: Pool) -> None:
        with pool.lease(A):
            pool.warm(A, 2)
            assert counts(pool) == (1, 1, 2, 0, 0)

    def test_a_broken_one_is_replaced_without_being_asked_for(self, pool: Pool, rooms: Rooms) -> None:
        pool.warm(A, 1)
        with pytest.raises(SandboxBroken), pool.lease(A):
            raise SandboxBroken("it broke")
        assert eventually(lambda: counts(pool) == (1, 0, 2, 1, 1))

    def test_it_tries_again_when_they_could_not_be_made(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.02, pause_seconds=0.02)
        rooms.away = True
        with pytest.raises(SandboxUnavailable):
            pool.warm(A, 1)
        rooms.away = False
        assert eventually(lambda: pool.stat().idle == 1)
        pool.close()


class TestTending:
    def test_idle_ones_are_pinged_and_the_dead_removed(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.02)
        lease(pool, A, A)
        assert eventually(lambda: all(room.pings > 2 for room in rooms.made))
        rooms.made[0].dead = True
        assert eventually(lambda: rooms.made[0].destroyed == 1)
        assert eventually(lambda: pool.stat().idle == 1)
        assert rooms.tended > 0
        pool.close()

    def test_the_order_of_use_outlives_the_pings(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.01)
        lease(pool, A, A)
        before = rooms.tended
        assert eventually(lambda: rooms.tended > before + 3)
        with pool.lease(A) as sandbox:
            assert sandbox is rooms.made[0]
        pool.close()

    def test_a_failure_does_not_end_it(self, rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.01)

        def fail() -> None:
            rooms.tended += 1
            raise ValueError("a mistake of ours")

        monkeypatch.setattr(rooms, "tend", fail)
        assert eventually(lambda: rooms.tended > 2)
        pool.close()


class TestWear:
    """After so many leases one is replaced, by the tending thread alone."""

    @pytest.fixture
    def pool(self, rooms: Rooms) -> Iterator[Pool]:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, max_leases=3, tend_seconds=3600)
        yield pool
        pool.close()

    def test_after_so_many_leases_it_is_another(self, pool: Pool, rooms: Rooms) -> None:
        for _ in range(3):
            lease(pool, A)
        assert eventually(lambda: counts(pool) == (1, 0, 2, 1, 2))
        assert [room.destroyed for room in rooms.made] == [1, 0]
        with pool.lease(A) as sandbox:
            assert sandbox is rooms.made[1]

    def test_it_serves_until_the_other_is_there(
        self, pool: Pool, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        threads, create, go_on = [], rooms.create, threading.Event()

        def slowly(image: str, memory_mb: int) -> Room:
            threads.append(threading.current_thread().name)
            assert go_on.wait(10)
            return create(image, memory_mb)

        lease(pool, A)
        monkeypatch.setattr(rooms, "create", slowly)
        for _ in range(9):
            lease(pool, A)
        assert (rooms.made[0].resets, len(rooms.made)) == (10, 1)
        go_on.set()
        assert eventually(lambda: rooms.made[0].destroyed == 1)
        assert set(threads) == {"sandbox-pool"}
        assert rooms.made[1].destroyed == 0

    def test_one_in_use_is_destroyed_when_it_comes_back_by_nobody_who_waits(
        self, pool: Pool, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(2):
            lease(pool, A)
        destroyers: list[str] = []
        monkeypatch.setattr(
            Room, "destroy", lambda self: destroyers.append(threading.current_thread().name), raising=True
        )
        with pool.lease(A):
            pool._wanted.set()
            assert eventually(lambda: len(rooms.made) == 2 and pool.stat().idle == 1)
            before = rooms.tended
            pool._wanted.set()
            assert eventually(lambda: rooms.tended > before)
            assert (destroyers, len(rooms.made)) == ([], 2)
        assert eventually(lambda: destroyers == ["sandbox-pool"])
        assert rooms.made[0].resets == 2, "it is not used again, so it needs no cleaning"

    def test_a_pool_that_closes_forgets_none(self, pool: Pool, rooms: Rooms) -> None:
        for _ in range(2):
            lease(pool, A)
        with pool.lease(A):
            pool._wanted.set()
            assert eventually(lambda: len(rooms.made) == 2 and pool.stat().idle == 1)
            pool.close()
        assert [room.destroyed for room in rooms.made] == [1, 1]

    def test_not_even_one_that_its_thread_has_not_come_round_to(
        self, pool: Pool, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(2):
            lease(pool, A)
        with pool.lease(A):
            pool._wanted.set()
            assert eventually(lambda: len(rooms.made) == 2 and pool.stat().idle == 1)
            monkeypatch.setattr(pool, "_tend", lambda: None)
        assert rooms.made[0].destroyed == 0
        pool.close()
        assert [room.destroyed for room in rooms.made] == [1, 1]

    def test_without_a_number_it_lasts(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=0.01)
        for _ in range(50):
            lease(pool, A)
        before = rooms.tended
        assert eventually(lambda: rooms.tended > before + 2)
        assert counts(pool) == (1, 0, 1, 0, 49)
        pool.close()
