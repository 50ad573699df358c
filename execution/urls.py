"""Pages that need a problem and its submissions."""

from django.urls import path

from execution import authoring, staff, views

urlpatterns = [
    path("problems/<slug:slug>/", views.problem, name="problem"),
    path("submissions/", views.submission_list, name="submission_list"),
    path("submissions/<uuid:submission_id>/", views.submission, name="submission"),
    path("submissions/<uuid:submission_id>/cancel/", views.cancel, name="cancel_submission"),
    path("authors/", authoring.problems, name="authored_problems"),
    path("authors/upload/", authoring.upload, name="author_upload"),
    path("authors/problems/<slug:slug>/", authoring.problem, name="authored_problem"),
    path("authors/problems/<slug:slug>/upload/", authoring.upload, name="author_upload_version"),
    path("authors/problems/<slug:slug>/publish/", authoring.publish, name="author_publish"),
    path("authors/problems/<slug:slug>/run/", authoring.run, name="author_run"),
    path("authors/problems/<slug:slug>/comparison/", authoring.comparison, name="author_comparison"),
    path("authors/problems/<slug:slug>/statement/<str:language>/", authoring.statement, name="author_statement"),
    path("authors/problems/<slug:slug>/preview/<str:language>/", authoring.preview, name="author_preview"),
    path("authors/problems/<slug:slug>/versions/<int:number>.zip", authoring.package, name="author_package"),
    path("staff/judging/", staff.judging, name="staff_judging"),
    path("staff/rejudgings/", staff.rejudgings, name="rejudgings"),
    path("staff/rejudgings/<uuid:pk>/", staff.one_rejudging, name="rejudging"),
]
