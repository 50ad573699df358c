"""When a worker cleans up, and what `manage.py clean` says. What is cleaned up: tests/sandbox/test_cleaning.py."""

import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from execution import cleaning
from execution.cleaning import Cleaner
from execution.models import Submission
from execution.sandbox import cleanup
from execution.sandbox.cleanup import Freed
from execution.sandbox.interface import SandboxUnavailable
from execution.states import State
from tests.factories import make_submission

LEFT = Freed(("c1", "c2"), ("sha256:1",), 3_000_000)


def finding(freed: Freed) -> Callable[..., Freed]:
    return lambda engine, *, dry_run: freed


def away(engine: object, *, dry_run: bool) -> Freed:
    raise SandboxUnavailable("the engine is away")


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("clean", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
class TestCommand:
    @pytest.fixture(autouse=True)
    def _an_old_run(self, contestant: User, monkeypatch: pytest.MonkeyPatch) -> None:
        make_submission(None, contestant, state=State.COMPLETED)
        Submission.objects.update(created=timezone.now() - timedelta(days=3))
        monkeypatch.setattr(cleanup, "clean", finding(LEFT))

    def test_it_says_what_it_removed(self) -> None:
        said = run()
        assert said[:3] == ["container c1", "container c2", "image sha256:1"]
        assert said[3] == "removed containers: 2, images: 1 (3.0 MB), old runs: 1"
        assert not Submission.objects.exists()

    def test_a_dry_run_says_the_same_and_removes_nothing(self) -> None:
        assert run("--dry-run")[3] == "would remove containers: 2, images: 1 (3.0 MB), old runs: 1"
        assert Submission.objects.count() == 1

    def test_without_an_engine_it_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cleanup, "clean", away)
        with pytest.raises(CommandError, match="the engine is away"):
            run()

    def test_without_containers_there_is_no_engine_to_clean(self, settings: Any) -> None:
        settings.SANDBOX = "process"
        assert run() == ["removed containers: 0, images: 0 (0.0 MB), old runs: 1"]


def test_it_is_logged_only_if_something_was_freed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "execution.cleaning")
    for freed in (Freed(), LEFT):
        monkeypatch.setattr(cleanup, "clean", finding(freed))
        cleaning.clean()
    assert [record.getMessage() for record in caplog.records] == [f"freed what was left behind: {LEFT}"]


@pytest.mark.parametrize(
    ("error", "again"), [(SandboxUnavailable("away"), "AGAIN_SECONDS"), (ValueError("a mistake"), "EVERY_SECONDS")]
)
def test_a_failure_does_not_end_it(error: Exception, again: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cleans at once, and again: soon, if the engine was away."""
    calls: list[int] = []
    cleaned_again = threading.Event()

    def clean() -> Freed:
        calls.append(1)
        if len(calls) == 1:
            raise error
        cleaned_again.set()
        return Freed()

    monkeypatch.setattr(cleaning, "clean", clean)
    monkeypatch.setattr(cleaning, again, 0.01)
    cleaner = Cleaner()
    cleaner.start()
    assert cleaned_again.wait(10)
    cleaner.stop()
    cleaner._thread.join(10)
    assert not cleaner._thread.is_alive()
