"""`manage.py rejudge [ID…]`: judge submissions once more, by ids or by what they are like."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from execution import changes, rejudging
from execution.models import Rejudging, Stage, Submission
from execution.selection import Selection, to_begin
from execution.staff_forms import SelectionForm

LOOK_SECONDS = 0.5
FILTERS = {
    "problem": ("SLUG", "of this problem"),
    "user": ("NAME", "sent by this user"),
    "language": ("ID", "in this language, such as python3"),
    "verdict": ("CODE", "with this verdict, such as WA; `failed`: those that could not be judged"),
    "since": ("ISO", "sent at or after this time, such as 2026-11-24 or 2026-11-24T10:00, in UTC"),
    "until": ("ISO", "sent before this time"),
}


class Command(BaseCommand):
    help = "Judge submissions once more. The old result stands until the new one is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", type=UUID, metavar="ID")
        for name, (metavar, meaning) in FILTERS.items():
            parser.add_argument(f"--{name}", metavar=metavar, default="", help=meaning)
        parser.add_argument("--preview", action="store_true", help="let the results count only once they are applied")
        parser.add_argument("--dry-run", action="store_true", help="only say which submissions it would be")
        parser.add_argument("--wait", action="store_true", help="until all are judged, then say what has changed")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = _selection(options)
        if options["dry_run"]:
            self._show_chosen(chosen)
            return
        row = rejudging.start(chosen.submissions(), chosen.words, None, is_preview=options["preview"])
        if row is None:
            self.stdout.write("Nothing to do: there are none like that, or they are being rejudged already.")
            return
        self.stdout.write(f"{row.rejudges.count()} submissions are rejudged: {row.get_absolute_url()}")
        if row.is_cut_short:
            self.stdout.write("Some may be missing, since this was held up too long. Ask for the same once more.")
        if options["wait"]:
            self._wait(row)

    def _show_chosen(self, chosen: Selection) -> None:
        """How many submissions of which problem and outcome, one line each."""
        found = to_begin(chosen.submissions())
        groups = found.order_by("problem__slug", "current__verdict", "current__state").values_list(
            "problem__slug", "current__verdict", "current__state"
        )
        for slug, verdict, state, count in groups.annotate(Count("pk")):
            self.stdout.write(f"{count:6} {slug} {verdict or state}")
        self.stdout.write(f"{found.count()} submissions would be rejudged.")

    def _wait(self, row: Rejudging) -> None:
        """Interrupting it stops the waiting, not the judging."""
        while row.stage == Stage.RUNNING:
            time.sleep(LOOK_SECONDS)
            rejudging.advance()
            row.refresh_from_db()
        for change in changes.changes_of(row):
            self.stdout.write(f"{change.count:6} {change.before or 'none'} → {change.after or 'not judged'}")
        if row.stage == Stage.JUDGED:
            self.stdout.write("The old results stand until you apply the new ones on that page.")


def _selection(options: dict[str, Any]) -> Selection:
    ids: Sequence[UUID] = options["ids"]
    known = set(Submission.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if unknown := [str(pk) for pk in ids if pk not in known]:
        raise CommandError(f"There is no submission {', '.join(unknown)}.")
    form = SelectionForm({name: options[name] for name in FILTERS}, ids)
    if not form.is_valid():
        reasons = [f"{name}: {reason}" for name, found in form.errors.items() for reason in found]
        raise CommandError("\n".join(reason.removeprefix("__all__: ") for reason in reasons))
    return form.selection
