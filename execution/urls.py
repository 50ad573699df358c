"""Pages that need a problem and its submissions."""

from django.urls import path

from execution import staff, submission_page, views

urlpatterns = [
    path("problems/<slug:slug>/", views.problem, name="problem"),
    path("submissions/", views.submission_list, name="submission_list"),
    path("submissions/compare/", submission_page.compare, name="compare_submissions"),
    path("submissions/<uuid:submission_id>/", submission_page.submission, name="submission"),
    path("submissions/<uuid:submission_id>/result/", submission_page.result, name="submission_result"),
    path("submissions/<uuid:submission_id>/cancel/", submission_page.cancel, name="cancel_submission"),
    path("submissions/<uuid:submission_id>/rejudge/", submission_page.rejudge, name="rejudge_submission"),
    path("staff/judging/", staff.judging, name="staff_judging"),
    path("staff/rejudgings/", staff.rejudgings, name="rejudgings"),
    path("staff/rejudgings/<uuid:pk>/", staff.one_rejudging, name="rejudging"),
]
