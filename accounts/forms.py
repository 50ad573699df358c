"""allauth's forms in our words: a label above each field says what it is, so there is no placeholder to repeat it."""

from typing import Any

from allauth.account import forms
from django.core.validators import MaxLengthValidator

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
        self.fields["login"].label = "Username or email"
        self.fields["login"].validators.append(MaxLengthValidator(MAX_LOGIN))
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["remember"].label = "Stay logged in"


class SignupForm(Plain, forms.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Email (optional)"
        self.fields["email"].help_text = "For setting a new password when the old one is forgotten."
        self.fields["password2"].label = "Password, once more"


class AddEmailForm(Plain, forms.AddEmailForm):
    pass


class ChangePasswordForm(Plain, forms.ChangePasswordForm):
    pass


class ResetPasswordForm(Plain, forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, forms.ResetPasswordKeyForm):
    pass
