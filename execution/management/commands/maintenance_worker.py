"""`manage.py maintenance_worker`: the periodic tasks, with their clock, in one process.

It is announced while it makes its rounds, and ends by itself, with an exit status, where it hears nothing any more.
"""

import os
import socket
import threading
from typing import Any, cast

from celery.beat import EmbeddedService, Scheduler, _Threaded
from celery.signals import worker_ready, worker_shutting_down
from django.core.management.base import BaseCommand

from execution import capacity, metrics
from execution.capacity import ANNOUNCE_SECONDS, WorkerStat
from execution.celery_options import QUIETLY, end_within
from execution.rounds import rounds
from judge.celery import app

END_SECONDS = 20.0  # a sweep may wait longer for the database


class Command(BaseCommand):
    help = "Run the maintenance worker."

    def handle(self, *args: Any, **options: Any) -> None:
        name = f"{socket.gethostname()}:{os.getpid()}"
        stopping = threading.Event()
        watchdog = rounds.watch(lambda: _start_anew(name))
        clock = cast(_Threaded, EmbeddedService(app, thread=True, scheduler_cls=Scheduler))
        worker_ready.connect(lambda **_: clock.start(), weak=False)
        worker_ready.connect(lambda **_: watchdog.start(), weak=False)
        worker_shutting_down.connect(lambda **_: watchdog.stop(), weak=False)
        worker_shutting_down.connect(lambda **_: stopping.set(), weak=False)
        worker_shutting_down.connect(lambda **_: end_within(END_SECONDS), weak=False)
        threading.Thread(target=_announce, args=(name, stopping), daemon=True).start()
        metrics.serve_maintenance(rounds.last_sweep)
        try:
            app.worker_main(
                ["worker", "--pool=solo", "--queues=maintenance", f"--hostname=maintenance@{name}", *QUIETLY]
            )
        finally:
            stopping.set()
            clock.stop()
            capacity.retire(name)


def _start_anew(name: str) -> None:
    """End this process, which hears nothing any more, with a status that has it started again."""
    capacity.retire(name)
    os._exit(os.EX_TEMPFAIL)


def _announce(name: str, stopping: threading.Event) -> None:
    while not stopping.is_set():
        if rounds.are_made():
            capacity.announce(WorkerStat(name, "maintenance", images=[], concurrency=1))
        stopping.wait(ANNOUNCE_SECONDS)
