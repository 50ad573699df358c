"""The forms of the staff's pages."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from execution.languages import LANGUAGES
from execution.selection import Selection
from execution.states import State
from execution.verdicts import Verdict
from problems.models import Problem

ANY = ("", _("Any"))
_PLAIN = {"autocapitalize": "off", "spellcheck": "false"}


class ProblemField(forms.CharField):
    """A problem by its slug; None where it is left empty."""

    def __init__(self) -> None:
        super().__init__(required=False, label=_("Problem"), widget=forms.TextInput(attrs=_PLAIN))

    def clean(self, value: str) -> Problem | None:
        slug = super().clean(value)
        if not slug:
            return None
        problem = Problem.objects.filter(slug=slug).first()
        if problem is None:
            raise forms.ValidationError(gettext("There is no problem “%s”.") % slug)
        return problem


class MomentField(forms.DateTimeField):
    """A moment in UTC; None where it is left empty."""

    def __init__(self, label: Any) -> None:
        super().__init__(label=label, required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:  # the first and the last day there are, in another time zone
            raise forms.ValidationError(self.error_messages["invalid"]) from None


class JudgingForm(forms.Form):
    """Pause or resume judging, of a problem or of everything."""

    do = forms.ChoiceField(choices=[("pause", _("Pause")), ("resume", _("Resume"))])
    problem = ProblemField()


class SelectionForm(forms.Form):
    """Submissions to be rejudged: those that are all of what is filled in."""

    problem = ProblemField()
    user = forms.CharField(label=_("User"), required=False, widget=forms.TextInput(attrs=_PLAIN))
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[ANY, *((language.id, language.name) for language in LANGUAGES.values())],
    )
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        required=False,
        choices=[
            ANY,
            *((verdict.value, format_lazy("{} · {}", verdict.value, _(verdict.words))) for verdict in Verdict),
            (State.FAILED.value, _("Not judged, by our fault")),
        ],
    )
    since = MomentField(_("Since"))
    until = MomentField(_("Until"))

    def __init__(self, data: Any = None, ids: Sequence[UUID] = ()) -> None:
        """With `ids` of those submissions only."""
        super().__init__(data)
        self._ids = ids

    def clean_user(self) -> str:
        name: str = self.cleaned_data["user"]
        if name and not User.objects.filter(username=name).exists():
            raise forms.ValidationError(gettext("There is no user “%s”.") % name)
        return name

    def clean(self) -> dict[str, Any]:
        """All of them would hardly be meant where nothing is filled in."""
        if not self.errors and not self.selection.words:
            raise forms.ValidationError(_("Which submissions? Fill in something."))
        return self.cleaned_data

    @property
    def selection(self) -> Selection:
        """What a valid form selects."""
        problem: Problem | None = self.cleaned_data["problem"]
        chosen = {name: self.cleaned_data[name] for name in ("user", "language", "verdict", "since", "until")}
        return Selection(ids=self._ids, problem=problem.slug if problem else "", **chosen)
