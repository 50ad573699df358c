"""API tokens, as requests bring them."""

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class TokenAuthentication(KnoxAuthentication):
    """knox's, which takes for granted that a header is UTF-8."""

    def authenticate(self, request: Request) -> object:
        try:
            return super().authenticate(request)
        except UnicodeDecodeError:
            raise AuthenticationFailed from None


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the API's description shows it: as knox's."""

    target_class = "accounts.tokens.TokenAuthentication"
