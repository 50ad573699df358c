"""Rings for workers: a Celery message for a queued judgement, which says no more than "there is something".

A bell may be lost, doubled or late without harm: the rows say what there is to do, and the sweeper rings again. So
ringing never waits long and never fails the caller. A bell does not expire: a worker whose clock is ahead would hear
none. One queue per runner image, since a worker serves only some.

Where ENOUGH bells lie in the broker no more are rung: whoever hears one of those, later, finds this row, too, and goes
on as long as something waits. Among hundreds of submissions most bells would be heard in vain, at 4 ms of CPU each.
"""

import logging
from typing import Any

from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

TASK = "execution.tasks.judge_one"
ENOUGH = 32  # more hands than that, all idle, get the rest of theirs from the sweeper


def queue_of(image: str) -> str:
    """The Celery queue of a runner image."""
    return f"judge.{image}"


# A worker that judges nothing yet must listen to something; here nobody rings.
SILENCE = "judge"


def ring(image: str, times: int = 1) -> bool:
    """Ring for the workers that serve `image`; whether the broker took it, within REDIS_TIMEOUT_SECONDS or so."""
    try:
        with producers[_connection()].acquire(block=True, timeout=1) as producer:
            for _ in range(min(times, ENOUGH - _waiting(producer, image))):
                current_app.send_task(
                    TASK,
                    args=[image],
                    queue=queue_of(image),
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                )
    except Exception:
        log.warning("the bell for %s did not ring; the sweeper will ring it again", image, exc_info=True)
        return False
    return True


class Unknown(Exception):
    """The broker is away, so nobody knows."""


def waiting(image: str) -> int:
    """How many bells lie in the broker. Raises Unknown where it is away."""
    try:
        with producers[_connection()].acquire(block=True, timeout=1) as producer:
            return _waiting(producer, image)
    except (KombuError, RedisError, OSError) as error:
        raise Unknown(str(error)) from error


def _waiting(producer: Any, image: str) -> int:
    """A list without priorities, so its length is asked for once; kombu would ask for all it could have."""
    return int(producer.channel.client.llen(queue_of(image)))


def _connection() -> Connection:
    """A broker connection with short timeouts: a worker's own may wait for messages, a web request may not."""
    timeout = settings.REDIS_TIMEOUT_SECONDS
    options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }
    return Connection(settings.CELERY_BROKER_URL, transport_options=options, connect_timeout=timeout)
