"""Links to log-in and sign-up that lead back to where they were followed from."""

from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

register = template.Library()


@register.simple_tag(takes_context=True)
def entrance(context: Context, name: str) -> str:
    """The address of `name` (account_login or account_signup), with the present page as the one to come back to.

    Entrances themselves, and addresses where nothing is, are not come back to; allauth sends nobody to another site.
    """
    request = context["request"]
    match = request.resolver_match
    if match is None or (match.url_name or "").startswith("account_"):
        return reverse(name)
    return f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}"
