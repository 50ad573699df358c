"""Forms of the admin."""

from typing import Any

from django import forms

from problems.importer import MAX_SLUG, SLUG


class PackageForm(forms.Form):
    """A package to be imported."""

    package = forms.FileField(
        label="Package", help_text="A zip in the ICPC / Kattis problem package format.", allow_empty_file=False
    )
    slug = forms.RegexField(
        rf"\A{SLUG.pattern}\Z",
        required=False,
        max_length=MAX_SLUG,
        help_text="The problem's name in addresses; else the zip's own name. A problem of yours gets a new version.",
    )
    private = forms.BooleanField(required=False, help_text="Show it to yourself and staff only.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["package"].widget.attrs["accept"] = ".zip,.kpp"
