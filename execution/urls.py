"""Pages that need a problem and its submissions."""

from django.urls import path, register_converter

from execution import authoring, catalog, help, profile, ranking, staff, submission_page, views


class UserName:
    """Of any user; there is no slash in it."""

    regex = r"[\w.@+-]{1,150}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(UserName, "user_name")

urlpatterns = [
    path("", catalog.problem_list, name="problem_list"),
    path("problems/<slug:slug>/", views.problem, name="problem"),
    path("submissions/", views.submission_list, name="submission_list"),
    path("users/<user_name:name>/", profile.profile, name="profile"),
    path("ranking/", ranking.ranking, name="ranking"),
    path("help/", help.help_page, name="help"),
    path("submissions/compare/", submission_page.compare, name="compare_submissions"),
    path("submissions/<uuid:submission_id>/", submission_page.submission, name="submission"),
    path("submissions/<uuid:submission_id>/result/", submission_page.result, name="submission_result"),
    path("submissions/<uuid:submission_id>/cancel/", submission_page.cancel, name="cancel_submission"),
    path("submissions/<uuid:submission_id>/rejudge/", submission_page.rejudge, name="rejudge_submission"),
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
