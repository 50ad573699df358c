"""The database is locked while thirty submissions are in flight."""

import pytest

from tests.faults.flight import Flight
from tests.faults.stack import Stack

pytestmark = pytest.mark.stack


@pytest.mark.full
def test_locked_for_ten_seconds(stack: Stack, flight: Flight) -> None:
    """What is judged meanwhile is stored afterwards: no attempt is lost. Readers don't mind."""
    with stack.database.locked(10):
        flight.assert_hit(3)
        assert stack.health()["database"]
    flight.land()
