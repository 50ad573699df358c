"""The list of problems, and the files of their statements."""

from django.urls import path

from problems import views

urlpatterns = [
    path("", views.problem_list, name="problem_list"),
]
