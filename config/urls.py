"""The routes of the service: each app brings its own, sign-in comes from allauth, and nothing is served under a second name."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config.health import healthz
from outreach.members.views import leaving

handler429 = "outreach.members.limits.too_many"
handler500 = "outreach.sending.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("langue/", include("django.conf.urls.i18n")),
    path("compte/logout/", leaving.leave, name="account_logout"),
    path("compte/appareils/", leaving.devices, name="usersessions_list"),
    path("compte/", include("allauth.account.urls")),
    path("compte/second-facteur/", include("allauth.mfa.urls")),
    path("", include("maps.urls")),
    path("", include("outreach.urls")),
]
if getattr(settings, "DEMO", False):
    urlpatterns.append(path("demo/", include("demo.urls")))
