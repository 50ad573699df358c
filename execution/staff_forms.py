"""The forms of the staff's pages."""

from django import forms

from problems.models import Problem


class ProblemField(forms.CharField):
    """A problem by its slug; None where it is left empty."""

    def __init__(self) -> None:
        attrs = {"autocapitalize": "off", "spellcheck": "false"}
        super().__init__(required=False, label="Problem", widget=forms.TextInput(attrs=attrs))

    def clean(self, value: str) -> Problem | None:
        slug = super().clean(value)
        if not slug:
            return None
        problem = Problem.objects.filter(slug=slug).first()
        if problem is None:
            raise forms.ValidationError(f"There is no problem “{slug}”.")
        return problem


class JudgingForm(forms.Form):
    """Pause or resume judging, of a problem or of everything."""

    do = forms.ChoiceField(choices=[("pause", "Pause"), ("resume", "Resume")])
    problem = ProblemField()
