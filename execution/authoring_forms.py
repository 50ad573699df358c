"""The forms of the authors' pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from problems.importer import MAX_SLUG, SLUG
from problems.package.statements import MAX_STATEMENT_BYTES


class PackageForm(forms.Form):
    """A package to be uploaded."""

    package = forms.FileField(
        label=_("Package"),
        help_text=_("A zip in the ICPC / Kattis problem package format."),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.kpp"}),
    )


class NewProblemForm(PackageForm):
    """A package that makes a problem."""

    slug = forms.RegexField(
        rf"\A{SLUG.pattern}\Z",
        label=_("Name in addresses"),
        required=False,
        max_length=MAX_SLUG,
        help_text=_("Small letters, digits and dashes. Left empty, it is the zip's name."),
        widget=forms.TextInput(attrs={"autocapitalize": "off", "spellcheck": "false"}),
    )


class StatementForm(forms.Form):
    """A statement's source. `version` is the one that it was read from."""

    text = forms.CharField(
        label=_("Source"),
        strip=False,
        max_length=MAX_STATEMENT_BYTES,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def clean_text(self) -> str:
        """Browsers send every line break of a text field as CR LF."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")

    def refuse(self, reasons: Any) -> None:
        """Tell why the text was not taken."""
        for reason in reasons:
            self.add_error("text", reason)
