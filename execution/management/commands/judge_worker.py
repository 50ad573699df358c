"""`manage.py judge_worker`: judges what is queued, WORKER_CONCURRENCY submissions at once, until SIGTERM.

At the second SIGTERM it ends at once. It ends by itself, with an exit status, where it can't hear bells any more.
"""

import os
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from celery.worker.consumer import Consumer
from django.conf import settings
from django.core.management.base import BaseCommand

from execution import doorbell, metrics
from execution.celery_options import QUIETLY
from execution.cleaning import Cleaner
from execution.jobs import memory_limit_mb
from execution.languages import LANGUAGES, Language
from execution.pools import new_compiler, new_pool
from execution.probing import Prober, self_test
from execution.watchdog import Watchdog
from execution.worker import Worker, install
from judge.celery import app

FIRST = "python3"
END_SECONDS = 25.0  # after the first signal to stop
HURRY_SECONDS = 2.0  # after the second


def end_within(seconds: float) -> None:
    """End this process by then, whatever holds it up: what it was judging goes to others when the leases run out."""
    timer = threading.Timer(seconds, os._exit, [os.EX_SOFTWARE])
    timer.daemon = True
    timer.start()


def start_anew(worker: Worker) -> None:
    """End this process, whose consumer is of no use any more, with a status that has it started again."""
    end_within(END_SECONDS)
    worker.leave()
    os._exit(os.EX_TEMPFAIL)


class Command(BaseCommand):
    help = "Run a judge worker. It judges the languages whose self-test passes, as soon as it has passed."

    def handle(self, *args: Any, **options: Any) -> None:
        pool = new_pool([FIRST])  # others are made as they are needed, and stay
        compiler = new_compiler(pool)
        worker = Worker(pool, compiler)
        install(worker)
        metrics.serve_judge(worker.stat)

        def begin(sender: Consumer, **_: Any) -> None:
            def found(language: Language) -> None:
                worker.take_up(language.image)
                sender.call_soon(sender.add_task_queue, doorbell.queue_of(language.image))

            languages = sorted(LANGUAGES.values(), key=lambda language: language.id != FIRST)
            prober = Prober(
                languages,
                probe=lambda language: self_test(pool, compiler, language, memory_limit_mb(None)),
                found=found,
                lacking=lambda language: worker.lack(language.image),
            )
            helpers: list[Prober | Cleaner | Watchdog] = [prober, Cleaner(), worker.watch(lambda: start_anew(worker))]
            worker_shutting_down.connect(lambda **_: [helper.stop() for helper in helpers], weak=False)
            worker.start()
            for helper in helpers:
                helper.start()

        def stop(**_: Any) -> None:
            end_within(HURRY_SECONDS if worker.is_draining else END_SECONDS)
            worker.drain()

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
