"""Paths under /api/."""

from django.urls import path

from execution import api

urlpatterns = [
    path("submissions/", api.SubmissionListView.as_view(), name="api_submissions"),
    path("submissions/<uuid:pk>/", api.SubmissionView.as_view(), name="api_submission"),
    path("submissions/<uuid:pk>/source/", api.SourceView.as_view(), name="api_source"),
    path("submissions/<uuid:pk>/cancel/", api.CancelView.as_view(), name="api_cancel"),
    path("runs/", api.RunListView.as_view(), name="api_runs"),
    path("runs/<uuid:pk>/", api.RunView.as_view(), name="api_run"),
    path("runs/<uuid:pk>/cancel/", api.CancelRunView.as_view(), name="api_run_cancel"),
    path("languages/", api.LanguageListView.as_view(), name="api_languages"),
]
