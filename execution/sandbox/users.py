"""Which user a sandbox's programs run as."""

import secrets

# Within the 65,536 that a remapped user namespace has, beyond those that distributions give out.
_FIRST, _COUNT = 20_000, 40_000


def pick_uid() -> int:
    """A user for one sandbox.

    The kernel counts some resources per user on the whole host (pipe buffers, for one), so each sandbox has its own,
    picked from so many that two hardly ever share one.
    """
    return _FIRST + secrets.randbelow(_COUNT)
