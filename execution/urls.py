"""Pages that need a problem and its submissions."""

from django.urls import path

from execution import views

urlpatterns = [
    path("problems/<slug:slug>/", views.problem, name="problem"),
    path("submissions/", views.submission_list, name="submission_list"),
    path("submissions/<uuid:submission_id>/", views.submission, name="submission"),
]
