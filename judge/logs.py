"""What log lines look like, in every process: the web server's too.

Nothing that somebody sent is ever logged: no program, no input, no output. Ours to keep: messages are made of ids,
names and counts. Django's to help with: queries have programs in them, so they are not logged at any level.
"""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from celery.beat import SchedulingError
from kombu.exceptions import OperationalError
from pythonjsonlogger.json import JsonFormatter
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

OUTAGE = (RedisConnectionError, RedisTimeoutError, OperationalError, SchedulingError)
REMINDER_SECONDS = 60


def config(form: str, level: str) -> dict[str, Any]:
    """Python's logging configuration: `form` is "text" or "json", `level` the least that is logged."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "judge.web.request_id.RequestIdFilter"},
            "outages": {"()": OutageFilter},
        },
        "formatters": {
            "text": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
            "json": {"()": LineFormatter},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request_id", "outages"]},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "celery": {"level": "WARNING"},  # else two lines for each bell
            "django.db.backends": {"level": "INFO"},
            "py.warnings": {"level": "ERROR"},  # for developers; Celery has one at each outage
            "gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},  # it has its own by default
        },
    }


class LineFormatter(JsonFormatter):
    """One JSON object a line: time, level, logger, requestId, message, and exception where there is one."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "requestId": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if "exc_info" in message_dict:
            log_data["exception"] = message_dict["exc_info"]


class OutageFilter(logging.Filter):
    """Makes one line, once a minute, of what a place in the code has to say while Redis is away: no tracebacks."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        outage = next((error for error in _errors_of(record) if isinstance(error, OUTAGE)), None)
        if outage is None:
            return True
        place, now = (record.pathname, record.lineno), time.monotonic()
        if now - self._last.get(place, -REMINDER_SECONDS) < REMINDER_SECONDS:
            return False
        self._last[place] = now
        message, _, _ = record.getMessage().partition("\n")  # Celery's go on with the stack
        if record.exc_info:
            message = f"{message}: {outage}"
        record.msg, record.args, record.exc_info, record.exc_text = " ".join(message.split()), (), None, None
        return True


def _errors_of(record: logging.LogRecord) -> Iterator[BaseException]:
    """The exceptions that a record is about, and what they come from."""
    args = record.args if isinstance(record.args, tuple) else ()
    for error in (record.exc_info[1] if record.exc_info else None, *args):
        while isinstance(error, BaseException):
            yield error
            error = error.__cause__  # noqa: PLW2901
