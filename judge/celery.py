"""The Celery application. Its messages carry no work, they only ring: see `execution.tasks`."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging, task_postrun, task_prerun

from judge.web import request_id

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "judge.settings")
app = Celery("verdict")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def _show_no_banner(instance: Any, **_: Any) -> None:
    """Sixteen lines that are no log lines."""
    instance.quiet = True


@setup_logging.connect
def _leave_the_logs_alone(**_: Any) -> None:
    """Django has set them up."""


@task_prerun.connect
def _begin(task_id: str, **_: Any) -> None:
    """What a task logs bears its id, until it works for somebody's request."""
    request_id.adopt(task_id)


@task_postrun.connect
def _end(**_: Any) -> None:
    request_id.adopt(request_id.NOBODYS)
