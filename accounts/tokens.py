"""API tokens, as requests bring them."""

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
