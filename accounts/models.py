"""Users."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from judge.web.ids import uuid7


class User(AbstractUser):
    """Somebody who signs in. Ours from the first migration on, so that it can grow."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
