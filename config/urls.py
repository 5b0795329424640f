"""Every address there is."""

from django.contrib import admin
from django.urls import include, path

from config import console

urlpatterns = [
    # Before the admin site's own: its search keeps results, and finds models rather than records.
    path("admin/", include(console.urls())),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("", include("alerts.urls")),
    path("", include("portal_site.urls")),
]

handler400 = "portal_site.views.errors.bad_request"
handler403 = "portal_site.views.errors.permission_denied"
handler404 = "portal_site.views.errors.page_not_found"
handler500 = "portal_site.views.errors.server_error"
