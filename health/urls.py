"""Paths of the health checks."""

from django.urls import path

from health import views

urlpatterns = [
    path("health", views.health, name="health"),
    path("health/detailed", views.DetailedView.as_view(), name="health_detailed"),
    path("metrics", views.MetricsView.as_view(), name="metrics"),
    path("staff/status/", views.status_page, name="staff_status"),
    path("staff/status/data/", views.status_data, name="staff_status_data"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]
