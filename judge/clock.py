"""A clock that nobody sets."""

import time
from datetime import UTC, datetime


def steady_now() -> datetime:
    """Runs as `time.monotonic` does, from 1970 on: to be compared with itself only."""
    return datetime.fromtimestamp(time.monotonic(), UTC)
