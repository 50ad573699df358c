"""`manage.py recount`: derive from the submissions who has solved what, the problems' statistics, and the ranking."""

from typing import Any

from django.core.management.base import BaseCommand

from execution import standing
from execution.models import ProblemStats, Rank, Standing


class Command(BaseCommand):
    help = "Derive who has solved what, the problems' statistics and the ranking anew from all submissions."

    def handle(self, *args: Any, **options: Any) -> None:
        standing.recount()
        counts = (model._default_manager.count() for model in (Standing, ProblemStats, Rank))
        self.stdout.write("{} standings on {} problems, {} users in the ranking".format(*counts))
