"""Forms of the admin."""

from typing import Any

from django import forms

from problems.content import tags_of
from problems.importer import MAX_SLUG, SLUG
from problems.models import Problem


class TagsField(forms.CharField):
    """A list of tags, written with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: str | None) -> list[str]:  # type: ignore[override]
        return tags_of((value or "").split(","))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class ProblemForm(forms.ModelForm[Problem]):
    tags = TagsField(required=False, help_text="With commas between them. At first they are the package's keywords.")

    class Meta:
        model = Problem
        fields = ["is_public", "tags", "difficulty"]


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
