"""API tokens: a page to make them, see each once, and revoke them. Sign-up and log-in are allauth's."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from knox.models import AuthToken

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
    new_token, refusal = "", ""
    if request.method == "POST":
        if own.count() < MAX_TOKENS:
            _, new_token = AuthToken.objects.create(request.user)
        else:
            refusal = f"You have {MAX_TOKENS} tokens. Revoke one that you no longer use first."
    context = {
        "tokens": own.order_by("-created"),
        "new_token": new_token,
        "refusal": refusal,
        "now": timezone.now(),
    }
    return render(request, "accounts/tokens.html", context, status=409 if refusal else 200)


@login_required
@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """Delete the user's token whose first characters are posted as `key`. Somebody else's is left alone."""
    key = request.POST.get("key", "").replace("\0", "")  # which some databases refuse
    deleted, _ = AuthToken.objects.filter(user=request.user, token_key=key).delete()
    if deleted:
        messages.success(request, "The token is revoked: it opens nothing any more.")
    else:
        messages.error(request, "There is no such token; it may have been revoked already.")
    return redirect("api_tokens")
