"""Limits on how much is sent, as the API tells them."""

from typing import Any

import pytest
from django.test import Client

from tests.execution.asking import SUBMIT, assert_error, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]


def test_invalid_input_does_not_count_for_the_rate(api: Client, settings: Any) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 1
    post(api, SUBMIT | {"code": ""})
    assert post(api, SUBMIT).status_code == 202


def test_too_many_queued_are_refused_for_a_while(api: Client, settings: Any) -> None:
    settings.QUEUE_LIMIT_PER_USER = 1
    post(api, SUBMIT)
    response = post(api, SUBMIT)
    assert_error(response, 429)
    assert int(response["Retry-After"]) > 0


def test_a_full_queue_is_503(api: Client, settings: Any) -> None:
    settings.QUEUE_LIMIT = 1
    post(api, SUBMIT)
    response = post(api, SUBMIT)
    assert_error(response, 503)
    assert int(response["Retry-After"]) > 0
