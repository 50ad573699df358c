"""The pool's decisions, with sandboxes that only keep count."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from execution.sandbox.fake import report
from execution.sandbox.interface import ImageMissing, Limits, Profile, RunReport, SandboxBroken, SandboxUnavailable
from execution.sandbox.pool import Pool
from tests.sandbox.conftest import eventually


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


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def pool(rooms: Rooms) -> Iterator[Pool]:
    pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=3600, pause_seconds=0)
    yield pool
    pool.close()


def lease(pool: Pool, *profiles: Profile) -> None:
    """Hold leases for all of them at once, and give back the last first."""
    if profiles:
        with pool.lease(profiles[0]):
            lease(pool, *profiles[1:])


def counts(pool: Pool) -> tuple[int, int, int, int, int]:
    stat = pool.stat()
    return stat.idle, stat.running, stat.created, stat.destroyed, stat.reused


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


class TestClosing:
    def test_idle_ones_go_at_once_and_leased_ones_as_they_come_back(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400)
        lease(pool, A, A)
        with pool.lease(A):
            pool.close()
            assert [room.destroyed for room in rooms.made] == [0, 1]
            assert rooms.closed
        assert counts(pool) == (0, 0, 2, 2, 1)

    def test_later_leases_are_refused(self, rooms: Rooms) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400)
        pool.close()
        with pytest.raises(SandboxUnavailable, match="closed"), pool.lease(A):
            pass
        assert rooms.made == []

    def test_what_is_being_made_meanwhile_is_not_kept(self, rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
        pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400)
        create = rooms.create

        def slowly(image: str, memory_mb: int) -> Room:
            pool.close()
            return create(image, memory_mb)

        monkeypatch.setattr(rooms, "create", slowly)
        with pytest.raises(SandboxUnavailable, match="closed"), pool.lease(A):
            pass
        assert counts(pool) == (0, 0, 1, 1, 0)

    def test_abort_cuts_off_what_is_leased(self, pool: Pool, rooms: Rooms) -> None:
        with pytest.raises(SandboxBroken), pool.lease(A):  # noqa: PT012
            pool.abort()
            assert rooms.made[0].cut == 1
            raise SandboxBroken("as the stream ended")
        with pytest.raises(SandboxUnavailable), pool.lease(A):
            pass


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
