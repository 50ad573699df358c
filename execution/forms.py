"""The form on a problem's page, and how it tells its reader that a program was not taken."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError

from execution.availability import is_available
from execution.languages import LANGUAGES, Language

LOGGED_OUT = gettext_noop("You are not logged in. Copy your program, log in, and send it again.")


class SubmissionForm(forms.Form):
    """A program: one text or, where that is empty, a file. What makes it valid is `execution.intake`'s to say."""

    language = forms.ChoiceField()
    code = forms.CharField(
        label=_("Program"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 18, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        ),
    )

    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("A source file, or a zip of several. It is taken if no program is written below."),
    )

    refusal: APIException | None = None

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        allowed: Collection[str],
    ) -> None:
        """`allowed`: the languages that the problem may be solved in, all where it is empty."""
        super().__init__(data, files)
        offered = [language for language in LANGUAGES.values() if not allowed or language.id in allowed]
        offered.sort(key=lambda language: not is_available(language.id))  # the first is the one that is chosen
        choices = [(language.id, _label(language)) for language in offered]
        self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=choices)

    def clean_code(self) -> str:
        """Browsers send every line break of a text field as CR LF."""
        code: str = self.cleaned_data["code"]
        return code.replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        """Neither text nor file is no program."""
        if not self.cleaned_data.get("code", "").strip() and not self.cleaned_data.get("file") and not self.errors:
            self.add_error("code", gettext("The program is empty. Write one, or choose a file."))
        return self.cleaned_data

    def refuse(self, refusal: APIException) -> None:
        """Show why the program was not taken; what was typed stays."""
        self.refusal = refusal
        if isinstance(refusal, NotAuthenticated):
            self.add_error(None, gettext(LOGGED_OUT))
        elif isinstance(refusal, ValidationError) and isinstance(refusal.detail, dict):
            for field, messages in refusal.detail.items():
                self.add_error(field if field in self.fields else None, [str(message) for message in messages])
        else:
            self.add_error(None, str(refusal.detail))

    @property
    def status(self) -> int:
        """The HTTP status of a page with this form on it."""
        if self.refusal is None:
            return 400 if self.errors else 200
        return 403 if isinstance(self.refusal, NotAuthenticated) else self.refusal.status_code

    @property
    def wait(self) -> int | None:
        """Seconds until the next attempt may succeed, where the refusal names them."""
        return getattr(self.refusal, "wait", None)


def _label(language: Language) -> str:
    return (
        language.name
        if is_available(language.id)
        else gettext("%(name)s (not available here)") % {"name": language.name}
    )
