"""Which names new users may choose: those that nobody can mistake for another's.

Letters of other scripts look like Latin ones, and a name is part of addresses. That two names differ in more than case
allauth sees to, and the database where two come at once.
"""

from django.core.validators import MaxLengthValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 30

VALIDATORS = [
    RegexValidator(
        r"\A[A-Za-z0-9][A-Za-z0-9_.-]*\Z",
        _("Use the letters a to z, digits, and the signs _ . - only, and begin with a letter or digit."),
    ),
    MaxLengthValidator(MAX_LENGTH, _("Use at most %(limit_value)d characters.")),
]
