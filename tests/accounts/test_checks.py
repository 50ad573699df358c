from ipaddress import ip_network
from typing import Any

import pytest
from django.core.checks import run_checks


@pytest.mark.parametrize(
    ("behind_tls", "proxies", "ids"),
    [
        (False, [], []),
        (True, [], ["accounts.W001"]),
        (True, [ip_network("127.0.0.1")], []),
    ],
)
def test_a_proxy_that_nobody_believes_is_found(
    settings: Any, behind_tls: bool, proxies: list[Any], ids: list[str]
) -> None:
    settings.BEHIND_TLS, settings.TRUSTED_PROXIES = behind_tls, proxies
    assert [message.id for message in run_checks(tags=["accounts"])] == ids
