"""Pages of one's account: an overview, API tokens, leaving. Sign-up, log-in and the rest are allauth's."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from knox.models import AuthToken

from accounts import leaving
from accounts.forms import LeaveForm, TokenForm

MAX_TOKENS = 20  # of one user, so that nobody fills the table


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """The way to everything about one's account."""
    return render(request, "accounts/account.html")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """GET: the user's tokens. POST: one more, shown in the answer and never again, since only its hash is kept."""
    own = AuthToken.objects.filter(user=request.user)
    form = TokenForm(request.POST or None)
    new_token, status = "", 200
    if request.method == "POST" and form.is_valid():
        if own.count() < MAX_TOKENS:
            new_token, form = _make_token(request, form), TokenForm()
        else:
            form.add_error(None, _("You have %d tokens. Revoke one that you no longer use first.") % MAX_TOKENS)
            status = 409
    context = {
        "tokens": own.select_related("use").order_by("-created"),
        "form": form,
        "new_token": new_token,
        "now": timezone.now(),
    }
    return render(request, "accounts/tokens.html", context, status=status)


@transaction.atomic
def _make_token(request: HttpRequest, form: TokenForm) -> str:
    form.instance.token, new_token = AuthToken.objects.create(request.user)
    form.save()
    return str(new_token)


@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """Delete the user's token whose first characters are posted as `key`. Somebody else's is left alone."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("api_tokens"))
    key = request.POST.get("key", "").replace("\0", "")  # which some databases refuse
    deleted, _rows = AuthToken.objects.filter(user=request.user, token_key=key).delete()
    if deleted:
        messages.success(request, _("The token is revoked: it opens nothing any more."))
    else:
        messages.error(request, _("There is no such token; it may have been revoked already."))
    return redirect("api_tokens")


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Delete one's account, once its name is typed: for good."""
    user = request.user
    assert user.is_authenticated
    form = LeaveForm(user, request.POST or None)
    if form.is_valid():
        try:
            leaving.delete(user)
        except leaving.StillNeeded as error:
            words = _("Your account owns problems, which stay: %s. Have somebody of the staff give them another owner.")
            form.add_error(None, words % ", ".join(error.names))
        else:
            logout(request)
            messages.success(request, _("Your account is deleted, with all that you have submitted."))
            return redirect("/")
    return render(request, "accounts/leave.html", {"form": form}, status=409 if form.non_field_errors() else 200)
