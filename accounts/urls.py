"""Account pages of our own, beside allauth's."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("tokens/", views.api_tokens, name="api_tokens"),
    path("tokens/revoke/", views.revoke_token, name="revoke_api_token"),
    path("delete/", views.leave, name="delete_account"),
]
