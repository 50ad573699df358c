"""`manage.py judge_worker`: judges what is queued, WORKER_CONCURRENCY submissions at once, until SIGTERM.

At the second SIGTERM it ends at once. It ends by itself, with an exit status, where it can't hear bells any more.
"""

import gc
import os
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from celery.worker.consumer import Consumer
from django.conf import settings
from django.core.management.base import BaseCommand

from execution import doorbell, metrics
from execution.celery_options import QUIETLY, end_within
from execution.cleaning import Cleaner
from execution.jobs import memory_limit_mb
from execution.languages import LANGUAGES, Language
from execution.pools import new_compiler, new_pool
from execution.probing import Prober, self_test
from execution.watchdog import Watchdog
from execution.worker import Worker, install
from judge.celery import app

FIRST = "python3"
NICE = 10  # where the pages are served from the same machine, they go first
END_SECONDS = 25.0  # after the first signal to stop
HURRY_SECONDS = 2.0  # after the second


def start_anew(worker: Worker) -> None:
    """End this process, whose consumer is of no use any more, with a status that has it started again."""
    end_within(END_SECONDS)
    worker.leave()
    os._exit(os.EX_TEMPFAIL)


class Queues:
    """The Celery queues that this worker listens to: one for each image that it has."""

    def __init__(self) -> None:
        self.consumer: Consumer | None = None  # before it is ready, nothing is found or lost

    def listen(self, image: str) -> None:
        if self.consumer is not None:
            self.consumer.call_soon(self.consumer.add_task_queue, doorbell.queue_of(image))

    def ignore(self, image: str) -> None:
        if self.consumer is not None:
            self.consumer.call_soon(self.consumer.cancel_task_queue, doorbell.queue_of(image))


class Command(BaseCommand):
    help = "Run a judge worker. It judges the languages whose self-test passes, as soon as it has passed."

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(NICE)

        def found(language: Language) -> None:
            worker.take_up(language.image)
            queues.listen(language.image)

        def lost(image: str) -> None:
            queues.ignore(image)
            for language in LANGUAGES.values():
                if language.image == image:
                    prober.add(language)

        def begin(sender: Consumer, **_: Any) -> None:
            queues.consumer = sender
            gc.freeze()  # what has been loaded stays: no collector need look through it again
            worker.start()
            for helper in helpers:
                helper.start()

        def stop(**_: Any) -> None:
            end_within(HURRY_SECONDS if worker.is_draining else END_SECONDS)
            for helper in helpers:
                helper.stop()
            worker.drain()

        pool = new_pool([FIRST])  # others are made as they are needed, and stay
        compiler = new_compiler(pool)
        queues = Queues()
        worker = Worker(pool, compiler, lost=lost)
        prober = Prober(
            sorted(LANGUAGES.values(), key=lambda language: language.id != FIRST),
            probe=lambda language: self_test(pool, compiler, language, memory_limit_mb(None)),
            found=found,
            lacking=lambda language: worker.lack(language.image),
        )
        helpers: list[Prober | Cleaner | Watchdog] = [prober, Cleaner(), worker.watch(lambda: start_anew(worker))]
        install(worker)
        metrics.serve_judge(worker.stat)
        worker_ready.connect(begin, weak=False)
        worker_shutting_down.connect(stop, weak=False)
        try:
            app.worker_main(
                [
                    "worker",
                    "--pool=threads",
                    f"--concurrency={settings.WORKER_CONCURRENCY}",
                    f"--queues={doorbell.SILENCE}",
                    f"--hostname=judge@{worker.name}",
                    *QUIETLY,
                ]
            )
        finally:
            worker.close()
