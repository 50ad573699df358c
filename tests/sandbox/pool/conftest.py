"""A pool of sandboxes that only keep count."""

from collections.abc import Iterator

import pytest

from execution.sandbox.pool import Pool
from tests.sandbox.pool.rooms import Rooms


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def pool(rooms: Rooms) -> Iterator[Pool]:
    pool = Pool(rooms, leases=3, idle_per_image=2, idle_memory_mb=400, tend_seconds=3600, pause_seconds=0)
    yield pool
    pool.close()
