"""Users, and what is known of their API tokens beyond what knox keeps."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from judge.web.ids import uuid7


class User(AbstractUser):
    """Somebody who signs in. Ours from the first migration on, so that it can grow."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta(AbstractUser.Meta):
        constraints = (
            models.UniqueConstraint(
                Lower("username"),
                name="username_differs_in_more_than_case",
                violation_error_message=_("A user with that username already exists."),
            ),
        )


class TokenUse(models.Model):
    """What a token is for, as its owner says, and when it was used last, to the minute (`accounts.last_use`)."""

    token = models.OneToOneField(AuthToken, models.CASCADE, primary_key=True, related_name="use")
    name = models.CharField(max_length=60, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
