"""A disk that is nearly full closes admission before anything breaks."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from execution import disk
from execution.models import Submission
from problems.models import Problem

Fill = Callable[..., None]


@pytest.fixture(autouse=True)
def _nothing_known(settings: Any) -> Iterator[None]:
    settings.MIN_FREE_MB = 200
    disk.forget()
    yield
    disk.forget()


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Makes it so that the disk at `path`, or any, has so much room left; looked at anew."""

    def fill(free_mb: int = 10_000, inodes: int = 500, of_inodes: int = 1000, path: Path | None = None) -> None:
        def statvfs(asked: Path) -> SimpleNamespace:
            room = free_mb if path in {None, asked} else 10_000
            return SimpleNamespace(f_bavail=room * 250, f_frsize=4000, f_favail=inodes, f_files=of_inodes)

        monkeypatch.setattr(os, "statvfs", statvfs)
        disk.forget()

    return fill


def test_there_is_room_here(settings: Any) -> None:
    settings.MIN_FREE_MB = 0
    assert not disk.is_short()


def test_less_than_the_least_is_short(fill: Fill) -> None:
    fill(200)
    assert not disk.is_short()
    fill(199)
    assert disk.is_short()
    assert "199 MB are free" in disk.shortage()


@pytest.mark.parametrize("which", ["VAR_DIR", "TEST_DATA_DIR"])
def test_every_disk_that_is_written_to_counts(fill: Fill, settings: Any, which: str) -> None:
    fill(10, path=Path(getattr(settings, which)))
    assert disk.is_short()


def test_so_does_the_databases_own(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/v/db.sqlite3"}
    monkeypatch.setitem(django_settings.DATABASES, "default", database)
    fill(10, path=Path("/srv/v"))
    assert disk.is_short()


def test_inodes_run_out_too(fill: Fill) -> None:
    fill(inodes=10)
    assert not disk.is_short()
    fill(inodes=9)
    assert "9 inodes of 1000" in disk.shortage()


def test_a_file_system_without_a_number_of_inodes_has_enough(fill: Fill) -> None:
    fill(inodes=0, of_inodes=0)
    assert not disk.is_short()


def test_a_directory_that_is_not_made_yet_is_no_shortage(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.TEST_DATA_DIR = settings.VAR_DIR = tmp_path / "none"
    monkeypatch.setitem(django_settings.DATABASES, "default", {"ENGINE": "django.db.backends.postgresql"})
    assert not disk.is_short()


def test_it_is_looked_at_once_in_a_while_and_a_change_is_logged_once(
    fill: Fill, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1000.0
    monkeypatch.setattr("execution.disk.time.monotonic", lambda: now)
    fill(10_000)
    assert not disk.is_short()
    monkeypatch.setattr(os, "statvfs", lambda path: pytest.fail("asked again too soon"))
    now += 4.9
    assert not disk.is_short()
    for free_mb in (10, 10, 9, 10_000, 10_000):
        fill(free_mb)
        disk.is_short()
    assert [record.levelname for record in caplog.records if record.name == "execution.disk"] == ["ERROR", "WARNING"]


@pytest.mark.django_db
class TestAdmission:
    def submit(self, api: Client, problem: Problem) -> Any:
        body = {"problem": problem.slug, "language": "python3", "code": "print(1)"}
        return api.post("/api/submissions/", body, content_type="application/json")

    def test_it_is_closed_while_the_disk_is_short(self, api: Client, problem: Problem, fill: Fill) -> None:
        fill(10)
        answer = self.submit(api, problem)
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")
        assert "MIN_FREE_MB" not in answer.json()["message"], "that is for those who run it"
        assert not Submission.objects.exists()

    def test_it_opens_again_by_itself(self, api: Client, problem: Problem, fill: Fill) -> None:
        fill(10)
        self.submit(api, problem)
        fill(10_000)
        assert self.submit(api, problem).status_code == 202
