"""Users in Django's admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.banning import ban, unban
from accounts.models import User


@admin.register(User)
class BannableUserAdmin(UserAdmin[User]):
    """Django's, whose "active" does more than to close the door behind those who left: it throws out who is in."""

    list_display = ["username", "email", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    actions = ["ban", "unban"]

    @admin.action(description="Ban: sign out, revoke tokens, take out of the queue", permissions=["change"])
    def ban(self, request: HttpRequest, users: QuerySet[User]) -> None:
        banned = [user for user in users if _may_ban(request, user)]
        for user in banned:
            ban(user)
        messages.success(request, f"Banned: {len(banned)}.")
        if len(banned) < len(users):
            messages.error(request, "You can ban neither yourself nor, unless you are one, a superuser.")

    @admin.action(description="Unban", permissions=["change"])
    def unban(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            unban(user)
        messages.success(request, f"Unbanned: {len(users)}.")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            ban(obj)


def _may_ban(request: HttpRequest, user: User) -> bool:
    return user != request.user and (request.user.is_superuser or not user.is_superuser)
