"""Asking the API, and what every error of it looks like."""

import json
from typing import Any

from django.test import Client

from tests.factories import NEXT_NUMBER

SUBMIT = {"problem": "next-number", "language": "python3", "code": NEXT_NUMBER}
RUN = {"language": "python3", "code": NEXT_NUMBER, "input": "1\n"}


def post(client: Client, body: Any, path: str = "/api/submissions/", **headers: str) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, content, content_type="application/json", headers=headers)


def assert_error(response: Any, status: int, field: str | None = None) -> None:
    """The one error shape."""
    assert response.status_code == status, response.content
    body = response.json()
    expected = {"message", "status", "timestamp", "path", "requestId"}
    assert set(body) == (expected | {"errors"} if field is not None else expected)
    assert (body["status"], body["path"]) == (status, response.wsgi_request.path)
    assert body["requestId"] == response["X-Request-ID"]
    assert body["message"]
    assert body["timestamp"].endswith("Z")
    if field is not None:
        assert list(body["errors"]) == [field]
