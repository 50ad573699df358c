"""Which sandbox is leased, to whom, and which is kept."""

import contextlib
import threading
import time
from collections.abc import Callable

import pytest

from execution.sandbox.interface import Profile, SandboxUnavailable
from execution.sandbox.pool import Pool
from tests.sandbox.pool.rooms import SMALL_A, A, B, Room, Rooms, counts, lease


def test_one_is_made_leased_and_kept(pool: Pool, rooms: Rooms) -> None:
    with pool.lease(A):
        assert counts(pool) == (0, 1, 1, 0, 0)
    assert counts(pool) == (1, 0, 1, 0, 0)
    with pool.lease(A) as again:
        assert again is rooms.made[0]
        assert counts(pool) == (0, 1, 1, 0, 1)
    assert (rooms.made[0].pings, rooms.made[0].resets) == (1, 2)


def test_the_last_used_is_leased_first(pool: Pool, rooms: Rooms) -> None:
    lease(pool, A, A)
    with pool.lease(A) as sandbox:
        assert sandbox is rooms.made[0], "it came back last"


def test_images_are_not_mixed_up(pool: Pool, rooms: Rooms) -> None:
    lease(pool, A)
    with pool.lease(B) as sandbox:
        assert sandbox is rooms.made[1]


def test_the_right_size_is_preferred_to_the_last_used(pool: Pool, rooms: Rooms) -> None:
    with pool.lease(A):
        lease(pool, SMALL_A)
    with pool.lease(SMALL_A) as sandbox:
        assert sandbox is rooms.made[1]
    assert [room.resizes for room in rooms.made] == [0, 0]


def test_another_size_is_changed_only_on_a_difference(pool: Pool, rooms: Rooms) -> None:
    lease(pool, A)
    with pool.lease(SMALL_A) as sandbox:
        assert sandbox is rooms.made[0]
        assert rooms.made[0].memory_mb == 64
    lease(pool, SMALL_A)
    assert rooms.made[0].resizes == 1


def test_one_that_cannot_be_resized_is_replaced(pool: Pool, rooms: Rooms) -> None:
    lease(pool, A)
    rooms.made[0].rigid = True
    with pool.lease(SMALL_A) as sandbox:
        assert sandbox is rooms.made[1]
    assert rooms.made[0].destroyed == 1


def test_too_many_of_an_image_the_least_recently_used_goes(pool: Pool, rooms: Rooms) -> None:
    lease(pool, A, A, A)
    assert [room.destroyed for room in rooms.made] == [0, 0, 1], "the third came back first"
    assert counts(pool) == (2, 0, 3, 1, 0)


def test_too_much_memory_the_least_recently_used_goes_whatever_its_image(pool: Pool, rooms: Rooms) -> None:
    lease(pool, A, A)
    lease(pool, B, B)
    assert counts(pool) == (3, 0, 4, 1, 0)
    assert rooms.made[1].destroyed == 1


def test_those_that_are_to_be_warm_go_last(pool: Pool, rooms: Rooms) -> None:
    pool.warm(A, 2)
    lease(pool, B, B)
    assert [(room.image, room.destroyed) for room in rooms.made] == [("a", 0), ("a", 0), ("b", 0), ("b", 1)]
    lease(pool, Profile("c", 144 * 1024))
    assert [(room.image, room.destroyed) for room in rooms.made[2:]] == [("b", 1), ("b", 1), ("c", 0)]
    assert [room.destroyed for room in rooms.made[:2]] == [0, 0]


def test_one_larger_than_the_budget_is_not_kept(pool: Pool, rooms: Rooms) -> None:
    lease(pool, Profile("a", 1024 * 1024))
    assert counts(pool) == (0, 0, 1, 1, 0)


def test_a_dead_idle_one_is_replaced_not_leased(pool: Pool, rooms: Rooms) -> None:
    lease(pool, A, A)
    rooms.made[0].dead = rooms.made[1].dead = True
    with pool.lease(A) as sandbox:
        assert sandbox is rooms.made[2]
    assert [room.destroyed for room in rooms.made] == [1, 1, 0]
    assert counts(pool) == (1, 0, 3, 2, 0)


def test_a_lease_left_by_an_exception_destroys(pool: Pool, rooms: Rooms) -> None:
    with pytest.raises(RuntimeError), pool.lease(A):
        raise RuntimeError
    assert (rooms.made[0].destroyed, rooms.made[0].resets) == (1, 0)
    assert counts(pool) == (0, 0, 1, 1, 0)


def test_one_that_cannot_be_reset_is_destroyed_and_the_lease_is_none_the_worse(pool: Pool, rooms: Rooms) -> None:
    with pool.lease(A):
        rooms.made[0].dirty = True
    assert counts(pool) == (0, 0, 1, 1, 0)


def test_nothing_is_counted_that_was_not_made(pool: Pool, rooms: Rooms) -> None:
    rooms.away = True
    with pytest.raises(SandboxUnavailable), pool.lease(A):
        pass
    assert counts(pool) == (0, 0, 0, 0, 0)


class TestTurns:
    """How many are leased at once."""

    def test_a_further_one_waits_for_its_turn(self, pool: Pool, rooms: Rooms) -> None:
        got = threading.Event()

        def judge() -> None:
            with pool.lease(A):
                got.set()

        with contextlib.ExitStack() as held:
            held.enter_context(pool.lease(A))
            held.enter_context(pool.lease(A))
            with pool.lease(B):
                waiting = threading.Thread(target=judge)
                waiting.start()
                assert not got.wait(0.1)
                assert pool.stat().running == 3
            assert got.wait(10)
        waiting.join()

    def test_first_come_first_served(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=1, idle_per_image=2, idle_memory_mb=400)
        order: list[int] = []

        def judge(number: int) -> None:
            with pool.lease(A):
                order.append(number)

        threads = [threading.Thread(target=judge, args=[number]) for number in range(6)]
        with pool.lease(A):
            for thread in threads:
                thread.start()
                time.sleep(0.02)
        for thread in threads:
            thread.join()
        assert order == list(range(6))
        pool.close()

    def test_a_turn_is_given_back_whatever_happens(self, pool: Pool, rooms: Rooms) -> None:
        for _ in range(4):
            rooms.away = True
            with pytest.raises(SandboxUnavailable), pool.lease(A):
                pass
            rooms.away = False
            with pytest.raises(RuntimeError), pool.lease(A):
                raise RuntimeError
        lease(pool, A, A, A)

    @pytest.mark.parametrize("end", [Pool.close, Pool.abort])
    def test_who_waits_is_refused_when_the_pool_closes(self, rooms: Rooms, end: Callable[[Pool], None]) -> None:
        pool = Pool(rooms, leases=1, idle_per_image=2, idle_memory_mb=400)
        refused = threading.Event()

        def judge() -> None:
            try:
                with pool.lease(A):
                    pass
            except SandboxUnavailable:
                refused.set()

        with pool.lease(A):
            waiting = threading.Thread(target=judge)
            waiting.start()
            time.sleep(0.05)
            end(pool)
            assert refused.wait(10)
        waiting.join()
        pool.close()


def test_no_two_hold_the_same_one_and_nobody_waits_for_anothers(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many threads, slow calls: each sandbox is one thread's at a time, and calls overlap."""
    pool = Pool(rooms, leases=8, idle_per_image=8, idle_memory_mb=10_000, tend_seconds=0.005)
    create = rooms.create

    def slowly(image: str, memory_mb: int) -> Room:
        time.sleep(0.05)
        return create(image, memory_mb)

    monkeypatch.setattr(rooms, "create", slowly)
    holders: dict[int, int] = {}
    doubled = []

    def judge() -> None:
        for _ in range(50):
            with pool.lease(A) as sandbox:
                holders[id(sandbox)] = holders.get(id(sandbox), 0) + 1
                if holders[id(sandbox)] != 1:
                    doubled.append(sandbox)
                time.sleep(0.0005)
                holders[id(sandbox)] -= 1

    threads = [threading.Thread(target=judge) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert doubled == []
    stat = pool.stat()
    assert stat.running == 0
    assert stat.created + stat.reused == 8 * 50
    assert stat.idle == stat.created - stat.destroyed
    pool.close()
