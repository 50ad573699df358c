"""`manage.py judge_worker`: judges what is queued, WORKER_CONCURRENCY submissions at once, until SIGTERM."""

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.core.management.base import BaseCommand

from execution import doorbell
from execution.celery_options import QUIETLY
from execution.languages import LANGUAGES
from execution.pools import new_compiler, new_pool
from execution.worker import Worker, install
from judge.celery import app


class Command(BaseCommand):
    help = "Run a judge worker."

    def handle(self, *args: Any, **options: Any) -> None:
        images = {language.image for language in LANGUAGES.values()}
        pool = new_pool(["python3"])  # others are made as they are needed, and stay
        worker = Worker(pool, new_compiler(pool), images)
        install(worker)
        worker_ready.connect(lambda **_: worker.start(), weak=False)
        worker_shutting_down.connect(lambda **_: worker.drain(), weak=False)
        queues = ",".join(doorbell.queue_of(image) for image in sorted(images))
        try:
            app.worker_main(
                [
                    "worker",
                    "--pool=threads",
                    f"--concurrency={settings.WORKER_CONCURRENCY}",
                    f"--queues={queues}",
                    f"--hostname=judge@{worker.name}",
                    *QUIETLY,
                ]
            )
        finally:
            worker.close()
