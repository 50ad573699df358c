"""Users in Django's admin."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.banning import ban, unban
from accounts.models import User

# Settings say which other sites' accounts open this one, not rows.
for model in (SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(model)
admin.site.unregister(Authenticator)

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class BannableUserAdmin(UserAdmin[User]):
    """Django's, whose "active" does more than to close the door behind those who left: it throws out who is in."""

    list_display = ["username", "email", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    actions = ["ban", "unban"]

    @admin.action(description="Ban: sign out, revoke tokens, take out of the queue", permissions=["change"])
    def ban(self, request: HttpRequest, users: QuerySet[User]) -> None:
        banned = [user for user in users if user != request.user and self.has_change_permission(request, user)]
        for user in banned:
            ban(user)
        messages.success(request, f"Banned: {len(banned)}.")
        if len(banned) < len(users):
            messages.error(request, "You can ban neither yourself nor, unless you are a superuser, staff.")

    @admin.action(description="Unban", permissions=["change"])
    def unban(self, request: HttpRequest, users: QuerySet[User]) -> None:
        unbanned = [user for user in users if self.has_change_permission(request, user)]
        for user in unbanned:
            unban(user)
        messages.success(request, f"Unbanned: {len(unbanned)}.")
        if len(unbanned) < len(users):
            messages.error(request, "Only a superuser can unban staff.")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_above(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_above(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return () if request.user.is_superuser else RIGHTS

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            ban(obj)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin[Authenticator]):
    """Second factors: to be taken from those who lost theirs. Nobody sees the secrets."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_above(request, obj and obj.user)


def _is_above(request: HttpRequest, user: User | None) -> bool:
    """Else who may change users could set a superuser's password, or their own rights."""
    return request.user.is_superuser or user is None or not (user.is_staff or user.is_superuser)
