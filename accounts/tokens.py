"""API tokens, as requests bring them."""

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import last_use
from accounts.models import User


class TokenAuthentication(KnoxAuthentication):
    """knox's, which takes for granted that a header is UTF-8, and looks at all of a user's tokens at each request."""

    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        try:
            found: tuple[User, AuthToken] | None = super().authenticate(request)
        except UnicodeDecodeError:
            raise AuthenticationFailed from None
        if found:
            last_use.note(found[1])
        return found

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        """Whether it has run out. It stays where it is: its owner can see it there, and delete it."""
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the API's description shows it: as knox's."""

    target_class = "accounts.tokens.TokenAuthentication"
