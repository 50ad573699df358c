"""Clients of the API."""

import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def api(contestant: User, client: Client) -> Client:
    client.force_login(contestant)
    return client


@pytest.fixture
def cast(author: User, contestant: User, stranger: User, staff: User) -> dict[str, Client]:
    clients = {"anonymous": Client()}
    for user in (author, contestant, stranger, staff):
        clients[user.username] = Client()
        clients[user.username].force_login(user)
    return clients
