"""Programs as a zip in a form."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import get_token_model

from accounts.models import User
from execution.models import Submission
from tests.execution.asking import assert_error
from tests.execution.test_archives import zipped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("problem")]

FORM = {"problem": "next-number", "language": "python3"}


def uploaded(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("program.zip", content)


def test_a_zip_of_files_will_do(api: Client) -> None:
    content = zipped(("main.py", b"import a.b"), ("a/b.py", b"print(1)"))
    assert api.post("/api/submissions/", FORM | {"archive": uploaded(content)}).status_code == 202
    assert Submission.objects.get().files == [
        {"name": "main.py", "content": "import a.b"},
        {"name": "a/b.py", "content": "print(1)"},
    ]


def test_a_zip_comes_with_a_token_too(client: Client, contestant: User) -> None:
    _, token = get_token_model().objects.create(user=contestant)
    body = FORM | {"archive": uploaded(zipped(("main.py", b"1")))}
    assert client.post("/api/submissions/", body, headers={"authorization": f"Token {token}"}).status_code == 202
    assert client.post("/api/submissions/", body).status_code == 401


@pytest.mark.parametrize("archive", ["main.py", b"", b"print(1)", None])
def test_a_form_without_a_zip_is_refused(api: Client, archive: str | bytes | None) -> None:
    given = {"archive": uploaded(archive) if isinstance(archive, bytes) else archive} if archive is not None else {}
    assert_error(api.post("/api/submissions/", FORM | {"code": "print(1)"} | given), 400, "archive")
    assert not Submission.objects.exists()


def test_a_large_form_is_refused_unread(api: Client) -> None:
    assert_error(api.post("/api/submissions/", FORM | {"archive": uploaded(b"0" * 2_000_000)}), 413)


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_what_is_no_form_is_refused(api: Client, kind: str) -> None:
    response = api.post("/api/submissions/", b"PK", content_type=kind)
    assert response.status_code == 400
    assert response.json()["requestId"]


def test_a_run_takes_no_form(api: Client) -> None:
    assert_error(api.post("/api/runs/", {"language": "python3", "code": "1"}), 415)
