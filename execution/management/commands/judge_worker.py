"""`manage.py judge_worker`: judges what is queued, WORKER_CONCURRENCY submissions at once, until SIGTERM."""

from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from celery.worker.consumer import Consumer
from django.conf import settings
from django.core.management.base import BaseCommand

from execution import doorbell, metrics
from execution.celery_options import QUIETLY
from execution.jobs import memory_limit_mb
from execution.languages import LANGUAGES, Language
from execution.pools import new_compiler, new_pool
from execution.probing import Prober, self_test
from execution.worker import Worker, install
from judge.celery import app

FIRST = "python3"


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
            worker_shutting_down.connect(lambda **_: prober.stop(), weak=False)
            worker.start()
            prober.start()

        worker_ready.connect(begin, weak=False)
        worker_shutting_down.connect(lambda **_: worker.drain(), weak=False)
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
