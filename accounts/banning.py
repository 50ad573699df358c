"""Bans users: they are signed out everywhere at once, and nothing lets them back in until they are unbanned.

`is_active` is what keeps them out: every session and token is looked up with it. Those that there are go as well, so
that being let in again does not bring back what somebody else may hold. Whoever keeps something for a user that a ban
must end listens to `banned`.
"""

import logging

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.dispatch import Signal
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import User

log = logging.getLogger(__name__)

banned = Signal()  # sent with `user`


def ban(user: User) -> None:
    """End what the user has open, and let them in no more."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    AuthToken.objects.filter(user=user).delete()
    _end_sessions(user)
    banned.send(User, user=user)
    log.warning("user %s is banned", user.pk)


def unban(user: User) -> None:
    """Let the user in again: with the password, to nothing that was open before."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    log.warning("user %s is no longer banned", user.pk)


def _end_sessions(user: User) -> None:
    """Sessions don't tell whose they are until they are read: some ten thousand a second."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
