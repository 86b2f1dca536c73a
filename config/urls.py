from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from webhooks.monitoring import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/", include("orders.urls")),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("webhooks/", include("webhooks.receiving.urls")),
]

handler400 = "console.error_pages.bad_request"
handler403 = "console.error_pages.forbidden"
handler404 = "console.error_pages.not_found"
handler500 = "console.error_pages.server_error"
