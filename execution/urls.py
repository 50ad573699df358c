"""Pages that need a problem and its submissions."""

from django.urls import path

from execution import catalog, staff, views

urlpatterns = [
    path("", catalog.problem_list, name="problem_list"),
    path("problems/<slug:slug>/", views.problem, name="problem"),
    path("submissions/", views.submission_list, name="submission_list"),
    path("submissions/<uuid:submission_id>/", views.submission, name="submission"),
    path("submissions/<uuid:submission_id>/cancel/", views.cancel, name="cancel_submission"),
    path("staff/judging/", staff.judging, name="staff_judging"),
    path("staff/rejudgings/", staff.rejudgings, name="rejudgings"),
    path("staff/rejudgings/<uuid:pk>/", staff.one_rejudging, name="rejudging"),
]
