"""Fixtures that every test may use: a small cast, a problem, a clean cache, a fake sandbox."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache

from accounts import last_use
from accounts.models import User
from execution import capacity
from problems.models import Problem
from tests.factories import make_problem

# How long examples and their making take is the machine's affair: other work may share it.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A real-container test that is skipped has failed: nobody would notice that nothing was tested."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and {"docker", "stack", "browser"} & set(item.keywords):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and must not be"


@pytest.fixture(autouse=True)
def _settings_for_tests(settings: Any, tmp_path: Path) -> None:
    """Each test has its own test data; no time goes into hashing passwords and collecting static files."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TEST_DATA_DIR = tmp_path / "data"
    plain_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain_files}
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _no_last_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread writes beside a test's own transaction (tests/accounts/test_last_use.py has its own)."""
    monkeypatch.setattr(last_use, "note", lambda token: None)


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> None:
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        cache.clear()
        capacity.forget()


@pytest.fixture
def author(db: None) -> User:
    """Sets problems."""
    return User.objects.create_user("author", password="correct horse battery")


@pytest.fixture
def contestant(db: None) -> User:
    """Solves problems."""
    return User.objects.create_user("contestant", password="correct horse battery")


@pytest.fixture
def stranger(db: None) -> User:
    """Has nothing to do with the others."""
    return User.objects.create_user("stranger", password="correct horse battery")


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user("staff", password="correct horse battery", is_staff=True)


@pytest.fixture
def problem(author: User) -> Problem:
    """Public: the next number. One sample, two secret tests."""
    return make_problem(author)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run the tests that take long (marked full)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What starts the whole product may take longer than a unit; what takes long is left out unless asked for."""
    for item in items:
        if item.get_closest_marker("stack") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(600))
    if not config.getoption("--full"):
        left_out = [item for item in items if item.get_closest_marker("full")]
        items[:] = [item for item in items if not item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=left_out)
