"""The Celery tasks: a bell that lets this worker judge, and the maintenance worker's rounds."""

from celery import shared_task

from execution import doorbell, standing, sweeper, worker
from execution.rounds import rounds


@shared_task(name=doorbell.TASK)
def judge_one(image: str) -> None:
    """Somebody rang: there is something to judge for `image`, or was."""
    worker.current().attend()


@shared_task(name="execution.tasks.sweep")
def sweep() -> None:
    with rounds.round():
        if sweeper.sweep():
            rounds.swept()


@shared_task(name="execution.tasks.clean")
def clean() -> None:
    with rounds.round():
        sweeper.clean()


@shared_task(name="execution.tasks.tally")
def tally() -> None:
    with rounds.round():
        standing.tally()
