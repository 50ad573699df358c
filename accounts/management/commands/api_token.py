"""`manage.py api_token USERNAME`: a new API token, for a user that is created if need be."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import get_token_model

from accounts.models import User


class Command(BaseCommand):
    help = "Print a new API token for USERNAME, creating the user (without a password) if there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["username"]
        if not name.isprintable():
            raise CommandError(f"{name!a} can't be a user name.")
        user = User.objects.filter(username__iexact=name).first() or self._new_user(name)
        _, token = get_token_model().objects.create(user=user)
        self.stdout.write(token)

    def _new_user(self, name: str) -> User:
        user = User(username=name)
        user.set_unusable_password()
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as error:
            raise CommandError(f"{name!r} can't be a user name: {'; '.join(error.messages)}") from error
        user.save()
        self.stderr.write(f"Created the user {name}.")
        return user
