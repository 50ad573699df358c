"""How allauth fits in here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from judge.web.address import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Counts log-ins and sign-ups by the same address as submissions are."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)
