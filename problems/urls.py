"""The list of problems, and the files of their statements."""

from django.urls import path

from problems import assets, views

urlpatterns = [
    path("", views.problem_list, name="problem_list"),
    path("problems/<slug:slug>/assets/<int:number>/<path:name>", assets.asset, name="problem_asset"),
]
