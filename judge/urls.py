"""All paths."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]

handler400 = "judge.web.errors.bad_request"
handler403 = "judge.web.errors.forbidden"
handler404 = "judge.web.errors.not_found"
handler500 = "judge.web.errors.server_error"
