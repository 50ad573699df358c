import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from problems.models import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_directories(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"


def _prepare(credentials: Path | None = None) -> str:
    said = io.StringIO()
    call_command("prepare", credentials=credentials, stdout=said)
    return said.getvalue()


def test_makes_an_admin_who_can_sign_in(tmp_path: Path) -> None:
    said = _prepare(tmp_path / "credentials")
    name, password = (tmp_path / "credentials").read_text().split()
    admin = User.objects.get(username=name)
    assert admin.is_superuser
    assert admin.check_password(password)
    assert password not in said


def test_makes_one_only_once(tmp_path: Path) -> None:
    _prepare(tmp_path / "first")
    _prepare(tmp_path / "second")
    assert not (tmp_path / "second").exists()
    assert User.objects.filter(is_superuser=True).count() == 1


def test_by_hand_the_password_is_printed() -> None:
    said = _prepare()
    password = said.partition("with the password ")[2].split(",")[0]
    assert User.objects.get(is_superuser=True).check_password(password)


def test_a_user_who_took_the_name_is_not_made_an_admin() -> None:
    User.objects.create_user("admin", password="correct horse battery")
    with pytest.raises(CommandError, match="createsuperuser"):
        _prepare()
    assert not User.objects.get(username="admin").is_superuser


def test_imports_the_examples_for_an_admin_of_any_name() -> None:
    User.objects.create_superuser("root", password="correct horse battery")
    _prepare()
    assert Problem.objects.count() == 6
    assert {problem.owner.username for problem in Problem.objects.select_related("owner")} == {"root"}


def test_a_deleted_example_stays_deleted() -> None:
    _prepare()
    Problem.objects.get(slug="aplusb").delete()
    assert "6 unchanged" in _prepare()
    assert not Problem.objects.filter(slug="aplusb").exists()


def test_an_empty_database_gets_them_anew() -> None:
    _prepare()
    Problem.objects.all().delete()
    assert "6 imported" in _prepare()


def test_static_files_are_collected_when_something_changed(settings: Any, tmp_path: Path) -> None:
    assert " collected" in _prepare()
    assert (tmp_path / "static" / "css" / "base.css").is_file()
    assert " collected" not in _prepare().partition("static files")[2]
    settings.STATIC_URL = "https://cdn.example.org/static/"
    assert " collected" in _prepare()
