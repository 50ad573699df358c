"""Deletes accounts: what was theirs goes with them.

Submissions, with their code and verdicts, tokens, addresses and second factors are deleted; nothing stays under another
name. What others still need is not: an account that owns problems can't be deleted before somebody else owns them.
"""

import logging

from django.db import transaction
from django.db.models import ProtectedError

from accounts.banning import banned
from accounts.models import User

log = logging.getLogger(__name__)


class StillNeeded(Exception):
    """Others need what the account owns: `names`."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@transaction.atomic
def delete(user: User) -> None:
    """For good, or not at all (StillNeeded). What the user has queued leaves the queue first, as with a ban."""
    pk = user.pk
    banned.send(User, user=user)
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError as error:
        raise StillNeeded(sorted(str(item) for item in error.protected_objects)) from error
    log.warning("user %s deleted their account", pk)
