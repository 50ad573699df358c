"""Paths under /api/."""

from django.urls import path

from problems import api

urlpatterns = [
    path("problems/", api.ProblemListView.as_view(), name="api_problems"),
    path("problems/<slug:slug>/", api.ProblemView.as_view(), name="api_problem"),
]
