"""Closing and aborting."""

import pytest

from execution.sandbox.interface import SandboxBroken, SandboxUnavailable
from execution.sandbox.pool import Pool
from tests.sandbox.pool.rooms import A, Room, Rooms, counts, lease


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
