"""What is logged, in which form, and what never is."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connections
from django.test import Client
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.models import User
from execution import doorbell, worker
from execution.models import Judgement, Submission
from execution.sandbox.fake import report
from execution.sandbox.interface import SandboxBroken, SandboxUnavailable
from judge import logs
from judge.celery import app
from judge.web import request_id
from problems.models import Problem
from tests.execution.asking import RUN, SUBMIT, post
from tests.execution.programs import new_worker

MARKER = "my-secret-idea-4711"
LOG = logging.getLogger("tests.logs")


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def written(form: str) -> Iterator[io.StringIO]:
    """What is written on the console, from the lowest level on."""
    root, made = logging.getLogger(), logs.config(form, "DEBUG")
    console = io.StringIO()
    handlers, level = root.handlers[:], root.level
    made["handlers"]["console"]["stream"] = console
    logging.config.dictConfig(made)
    yield console
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize("form", ["json"], indirect=True)
class TestJson:
    def test_a_line_is_one_object(self, written: io.StringIO) -> None:
        with request_id.resumed("abc-7"):
            LOG.warning('%d "things"\nin two lines', 2, extra={"request": object(), "else": 1})
        [line] = written.getvalue().splitlines()
        found = json.loads(line)
        assert found.pop("time").endswith("+00:00")
        assert found == {
            "level": "WARNING",
            "logger": "tests.logs",
            "requestId": "abc-7",
            "message": '2 "things"\nin two lines',
        }

    def test_an_exception_stays_on_its_line(self, written: io.StringIO) -> None:
        try:
            raise ValueError("no such thing")
        except ValueError:
            LOG.exception("failed")
        [line] = written.getvalue().splitlines()
        assert "ValueError: no such thing" in json.loads(line)["exception"]

    def test_what_a_task_logs_bears_its_id(self, written: io.StringIO) -> None:
        @app.task(name="tests.logs.speak")
        def speak() -> None:
            LOG.warning("spoken")

        speak.apply(task_id="task-9")
        LOG.warning("after")
        told = [json.loads(line) for line in written.getvalue().splitlines()]
        ids = {line["message"]: line["requestId"] for line in told if line["logger"] == "tests.logs"}
        assert ids == {"spoken": "task-9", "after": "-"}


def _fails(error: Exception) -> Any:
    def handler(files: Any, argv: Any, stdin: bytes, *_: object) -> Any:
        held = (files, stdin)  # as a traceback with its variables would show
        assert MARKER in str(held)
        raise error

    return handler


HANDLERS = [
    _fails(SandboxBroken("it died")),
    _fails(SandboxUnavailable("the daemon is gone")),
    _fails(RuntimeError("a bug")),
    lambda *_: report(MARKER.encode()),
    lambda *_: report(MARKER.encode(), exit_code=1, stderr=MARKER.encode()),
    lambda *_: report(MARKER.encode(), exit_code=None, signal=11, stderr=b"\xff" + MARKER.encode()),
]


@pytest.mark.django_db
@pytest.mark.parametrize("handler", HANDLERS)
def test_nothing_that_somebody_sent_is_logged(
    problem: Problem, contestant: User, written: io.StringIO, monkeypatch: pytest.MonkeyPatch, handler: Any
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(connections["default"], "force_debug_cursor", True)  # as DEBUG=1 does
    browser = Client(raise_request_exception=False)
    browser.force_login(contestant)
    code = f"print('{MARKER}')"
    assert post(browser, SUBMIT | {"code": code}).status_code == 202
    assert post(browser, RUN | {"code": code, "input": MARKER}, "/api/runs/").status_code == 202
    for body in ({"code": code}, SUBMIT | {"code": code + "\0"}, RUN | {"code": code, "language": "x"}, f'{{"{code}'):
        assert post(browser, body).status_code == 400
    with monkeypatch.context() as broken:
        broken.setattr("execution.intake.submit", _fails_to_submit)
        assert post(browser, SUBMIT | {"code": code}).status_code == 500
        page = browser.post("/problems/next-number/", {"language": "python3", "code": code})
        assert page.status_code == 500
    judge = new_worker(handler)
    for _ in range(7):
        judge.judge_one()
    for submission in Submission.objects.all():
        browser.get(submission.api_url)
    assert {judgement.state for judgement in Judgement.objects.all()} <= {"completed", "failed", "queued"}
    assert written.getvalue().count("Internal Server Error") == 2
    assert MARKER not in written.getvalue()


def _fails_to_submit(sender: Any, problem: Any, language: Any, files: Any) -> None:
    assert MARKER in str(files)
    raise RuntimeError("a bug")


class TestOutages:
    def test_one_line_a_minute_from_each_place(
        self, written: io.StringIO, form: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 1000.0
        monkeypatch.setattr("judge.logs.time.monotonic", lambda: now)

        def fail() -> None:
            try:
                try:
                    raise RedisConnectionError("Error 111\nrefused")
                except RedisConnectionError as error:
                    raise OperationalError("no") from error
            except OperationalError:
                LOG.warning("the bell did not ring", exc_info=True)

        for _ in range(5):
            fail()
        LOG.warning("elsewhere: %s\n%r", RedisConnectionError("gone"), ["the stack, at length"])
        assert len(written.getvalue().splitlines()) == 2
        assert "elsewhere: gone" in written.getvalue()
        assert "at length" not in written.getvalue()
        assert "Traceback" not in written.getvalue()
        now += logs.REMINDER_SECONDS
        fail()
        assert len(written.getvalue().splitlines()) == 3

    def test_other_errors_keep_their_traceback(self, written: io.StringIO) -> None:
        for _ in range(2):
            try:
                raise ValueError("a bug")
            except ValueError:
                LOG.exception("failed")
        assert written.getvalue().count("Traceback") == 2

    @pytest.mark.django_db
    def test_without_redis_there_is_a_line_and_not_a_page(
        self,
        problem: Problem,
        contestant: User,
        written: io.StringIO,
        form: str,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"unix:///nowhere/{form}.sock"}}
        monkeypatch.delattr(caches._connections, "default", raising=False)  # type: ignore[attr-defined]
        settings.CELERY_BROKER_URL = "redis+socket:///nowhere/logs.sock"
        browser = Client()
        browser.force_login(contestant)
        for _ in range(3):
            with django_capture_on_commit_callbacks(execute=True):
                assert post(browser, SUBMIT).status_code == 202
        assert doorbell.ring("python3") is False
        assert "Redis does not answer" in written.getvalue()
        assert "the bell for python3 did not ring" in written.getvalue()
        assert "Traceback" not in written.getvalue()
        assert len(written.getvalue().splitlines()) < 8
