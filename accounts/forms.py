"""allauth's forms in our words, and our own.

A label above each field says what it is, so there is no placeholder to repeat it.
"""

from typing import Any

from allauth.account import forms
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms as django_forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import TokenUse, User
from accounts.names import MAX_LENGTH

MAX_LOGIN = 254  # characters, as of an email address: databases refuse to look for very long texts


class Plain:
    """Takes the placeholders off a form's fields."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(Plain, forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or email")
        self.fields["login"].validators.append(MaxLengthValidator(MAX_LOGIN))
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["remember"].label = _("Stay logged in")


class SignupForm(Plain, forms.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = (
            _("Up to %d characters: the letters a to z, digits, and the signs _ . -") % MAX_LENGTH
        )
        self.fields["email"].label = _("Email (optional)")
        self.fields["email"].help_text = _("For setting a new password when the old one is forgotten.")
        self.fields["password2"].label = _("Password, once more")


class AddEmailForm(Plain, forms.AddEmailForm):
    pass


class ChangePasswordForm(Plain, forms.ChangePasswordForm):
    pass


class SetPasswordForm(Plain, forms.SetPasswordForm):
    pass


class ResetPasswordForm(Plain, forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, forms.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(Plain, forms.ReauthenticateForm):
    pass


class AuthenticateForm(Plain, mfa.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(Plain, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(Plain, totp.ActivateTOTPForm):
    pass


class TokenForm(django_forms.ModelForm[TokenUse]):
    """A new token's name."""

    class Meta:
        model = TokenUse
        fields = ["name"]
        labels = {"name": _("What it is for")}
        help_texts = {"name": _("Such as the name of your program. Only you see it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class LeaveForm(django_forms.Form):
    """Asks for the account's name, so that nobody deletes theirs by mistake."""

    name = django_forms.CharField(
        label=_("Your username, to confirm"),
        max_length=150,
        widget=django_forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.user.get_username():
            raise django_forms.ValidationError(_("This is not your username."))
        return name
