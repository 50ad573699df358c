"""What the maintenance worker does for health."""

from celery import shared_task

from health import samples


@shared_task(name="health.tasks.sample")
def sample() -> None:
    samples.take()
