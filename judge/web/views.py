"""Paths that belong to no app."""

from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from judge.web.errors import MESSAGES


class NoSuchPath(APIView):
    """Every path under /api/ that is none: 404 in the one shape, whatever the method."""

    permission_classes = [AllowAny]
    authentication_classes = []
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound(MESSAGES[404])
