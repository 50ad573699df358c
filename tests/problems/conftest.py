"""A Redis for tests that are run without script/test, and its absence for those that ask for it."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches

from accounts.models import User
from launcher.valkey import find_binary
from problems import cache
from problems.importer import import_package
from problems.models import Problem, ProblemVersion
from problems.package.errors import PackageError
from problems.package.reader import Package
from tests.problems.building import Files, dated, legacy, read

Refused = Callable[[Path], list[str]]


@pytest.fixture(scope="session", autouse=True)
def _redis() -> Iterator[None]:
    """Valkey on the socket that the settings name, where the environment gives none."""
    socket = Path(django_settings.REDIS_URL.removeprefix("unix://"))
    if "REDIS_URL" in os.environ or socket.is_socket():
        yield
        return
    socket.parent.mkdir(parents=True, exist_ok=True)
    command = [find_binary(), "--port", "0", "--unixsocket", str(socket), "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=socket.parent)
    deadline = time.monotonic() + 10
    while not socket.is_socket() and time.monotonic() < deadline:
        time.sleep(0.02)
    yield
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture(autouse=True)
def _rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves Redis alone because of what an earlier one met."""
    monkeypatch.setattr(cache, "_rests_until", 0.0)


@pytest.fixture
def no_redis(settings: Any) -> None:
    """Nobody listens where the cache is said to be."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///nonexistent/redis.sock"}}
    assert caches["default"]._server == "unix:///nonexistent/redis.sock"  # type: ignore[attr-defined]


@pytest.fixture
def refused(author: User, settings: Any) -> Refused:
    """Why a package was refused; asserts that it was, and that nothing of it is left."""

    def reasons(path: Path) -> list[str]:
        with pytest.raises(PackageError) as caught:
            import_package(path, author)
        assert not Problem.objects.exists()
        assert not ProblemVersion.objects.exists()
        assert [str(left) for left in Path(settings.TEST_DATA_DIR).rglob("*")] == []
        return caught.value.reasons

    return reasons


@pytest.fixture
def markdown(tmp_path: Path) -> Callable[..., Package]:
    def make(text: str, **beside: str | bytes) -> Package:
        files: Files = {f"statement/{name.replace('_', '.')}": content for name, content in beside.items()}
        return read(dated() | files | {"statement/problem.en.md": text}, tmp_path / "next")

    return make


@pytest.fixture
def latex(tmp_path: Path) -> Callable[..., Package]:
    def make(text: str, **beside: str | bytes) -> Package:
        files: Files = {f"problem_statement/{name.replace('_', '.')}": content for name, content in beside.items()}
        return read(legacy() | files | {"problem_statement/problem.tex": text}, tmp_path / "next")

    return make
