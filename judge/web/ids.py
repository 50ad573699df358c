"""Primary keys: UUIDs version 7 (RFC 9562), so that rows sort by age and one set of models serves every database."""

from uuid import UUID

import uuid_utils.compat


def uuid7() -> UUID:
    """A new time-ordered UUID."""
    return uuid_utils.compat.uuid7()
