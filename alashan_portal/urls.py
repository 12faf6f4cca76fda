"""Every address of the portal; each app's own file lists its pages in reading order."""

from django.contrib import admin
from django.urls import include, path

from common.views import accounts
from dashboard.views.home import home

# The reference pages use the portal's own door, so that every sign-in is an event.
admin.site.login = accounts.to_sign_in
admin.site.logout = accounts.sign_out
admin.site.password_change = accounts.password

urlpatterns = [
    path("", home, name="home"),
    path("accounts/", include("common.urls.accounts")),
    path("", include("common.urls")),
    path("", include("registry.urls")),
    path("", include("tasks_app.urls")),
    path("intake/", include("intake.urls")),
    path("dropout/", include("dropout.urls")),
    path("subsidies/", include("subsidies.urls")),
    path("", include("dashboard.urls")),
    path("language/", accounts.language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = "common.views.errors.bad_request"
handler403 = "common.views.errors.forbidden"
handler404 = "common.views.errors.not_found"
handler500 = "common.views.errors.server_error"
