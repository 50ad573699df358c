"""Takes what a banned user has queued out of the queue, visibly; and what goes with an account out of the cache."""

from typing import Any

from django.db import transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from accounts.banning import banned
from accounts.models import User
from execution import admission, presentation
from execution.models import Judgement, Submission
from execution.states import ADMITTED, State

BANNED = "Cancelled: its sender's account is closed."


@receiver(banned)
def withdraw(user: User, **_: Any) -> None:
    """What a worker has taken by then is judged to its end."""
    waiting = Judgement.objects.filter(state=State.QUEUED, priority__in=ADMITTED, submission__owner=user)
    for judgement in waiting.only("submission"):
        _withdraw(judgement)


@receiver(pre_delete, sender=User)
def forget(instance: User, **_: Any) -> None:
    """What goes with an account is not to be read from the cache for minutes to come."""
    presentation.forget(list(Submission.objects.filter(owner=instance).values_list("pk", flat=True)))


@transaction.atomic
def _withdraw(judgement: Judgement) -> None:
    admission.give_place_back()
    queued = Judgement.objects.filter(pk=judgement.pk, state=State.QUEUED)
    if queued.update(state=State.FAILED, failure=BANNED, finished_at=timezone.now()) == 1:
        presentation.publish(judgement.submission_id)
    else:
        transaction.set_rollback(True)
