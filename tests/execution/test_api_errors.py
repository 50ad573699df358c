"""Requests that the API doesn't understand: all get the one shape."""

from typing import Any

import pytest
from django.test import Client

from tests.execution.asking import SUBMIT, assert_error, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"code": "\xff"}', b"[" * 100_000, b'{"code": NaN}', b"1" * 5000, b""],
)
def test_what_is_no_json_is_refused(api: Client, body: bytes) -> None:
    assert_error(post(api, body), 400, None if body else "problem") if body else None
    assert post(api, body).status_code == 400


def test_a_large_body_is_refused_unread(api: Client) -> None:
    assert_error(post(api, SUBMIT | {"code": "#" * 10_000_000}), 413)


def test_another_format_is_refused(api: Client) -> None:
    assert_error(api.post("/api/submissions/", "problem=x", content_type="text/plain"), 415)


def test_another_method_is_refused(api: Client) -> None:
    assert_error(api.delete("/api/submissions/"), 405)


def test_another_answer_is_not_to_be_had(api: Client) -> None:
    assert_error(api.get("/api/languages/", headers={"accept": "application/xml"}), 406)


def test_unknown_paths_have_the_shape_too(client: Client) -> None:
    for path in ("/api/", "/api/nothing", "/api/submissions/17/"):
        assert_error(client.get(path), 404)
        assert_error(client.post(path), 404)


@pytest.mark.parametrize("path", ["/api/submissions/", "/api/runs/"])
@pytest.mark.parametrize(
    "value",
    [r'"\ud800"', r'"\udfff\ud800"', r'"\u0000"', "1e999", "9" * 400, "null", "{}", "[[]]", "[" * 900 + "]" * 900],
)
def test_a_field_may_be_anything(api: Client, settings: Any, path: str, value: str) -> None:
    settings.QUEUE_LIMIT_PER_USER = 100
    for field in ("problem", "language", "code", "input", "files"):
        body = {"problem": '"next-number"', "language": '"python3"', "code": '"1"'} | {field: value}
        assert post(api, _json(body), path).status_code in {202, 400}
    for field in ("name", "content"):
        file = {"name": '"main.py"', "content": '"1"'} | {field: value}
        body = {"problem": '"next-number"', "language": '"python3"', "files": f"[{_json(file)}]"}
        assert post(api, _json(body), path).status_code in {202, 400}


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "9" * 5000, "[" * 100_000, '"\\ud8"', '"\xff"'])
@pytest.mark.parametrize("path", ["/api/submissions/", "/api/runs/"])
def test_a_value_that_json_does_not_have_is_refused(api: Client, path: str, value: str) -> None:
    body = _json({"problem": '"next-number"', "language": '"python3"', "code": value})
    assert_error(post(api, body.encode("latin-1"), path), 400)


def _json(fields: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"
