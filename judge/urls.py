"""All paths."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from judge.web import theme
from judge.web.views import NoSuchPath

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one log-in, throttled
_DOCS = SpectacularSwaggerSplitView.as_view(url_name="api_schema", http_method_names=["get", "head"])

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls" if settings.SOCIAL_LOGIN else "allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("api/", include("problems.api_urls")),
    path("api/", include("execution.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", _DOCS, name="api_docs"),
    re_path("^api/", NoSuchPath.as_view()),
    path("theme/", theme.choose, name="choose_theme"),
    path("language/", set_language, name="set_language"),
    path("", include("health.urls")),
    path("", include("problems.urls")),
    path("", include("execution.urls")),
]

handler400 = "judge.web.errors.bad_request"
handler403 = "judge.web.errors.forbidden"
handler404 = "judge.web.errors.not_found"
handler429 = "judge.web.errors.too_many_requests"  # allauth's own hook
handler500 = "judge.web.errors.server_error"
