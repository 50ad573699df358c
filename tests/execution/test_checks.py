from typing import Any

import pytest
from django.core.checks import run_checks


def found(settings: Any, **changed: Any) -> list[str]:
    for name, value in changed.items():
        setattr(settings, name, value)
    return [message.id for message in run_checks(tags=["execution"]) if message.id]


@pytest.mark.parametrize(
    ("changed", "ids"),
    [
        ({}, []),
        ({"SANDBOX": "process", "DEBUG": True, "ALLOWED_HOSTS": ["localhost"]}, []),
        ({"SANDBOX": "process", "DEBUG": False, "ALLOWED_HOSTS": ["localhost"]}, ["execution.E001"]),
        ({"SANDBOX": "process", "DEBUG": True, "ALLOWED_HOSTS": ["judge.example.org"]}, ["execution.E002"]),
        ({"CONTAINER_TMP_MB": 128}, ["execution.E003"]),
        ({"QUEUE_LIMIT_PER_USER": 101}, ["execution.W001"]),
    ],
)
def test_contradictions_are_found(settings: Any, changed: dict[str, Any], ids: list[str]) -> None:
    assert found(settings, **changed) == ids
