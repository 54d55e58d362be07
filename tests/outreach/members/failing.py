"""Two views that write the same kind of row; one of them breaks afterwards."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from outreach.access import login_not_required
from outreach.members.models import Account


@login_not_required
def kept(request: HttpRequest) -> HttpResponse:
    Account(email="kept@lanterne.invalid").save(force_insert=True)
    return HttpResponse("kept")


@login_not_required
def lost(request: HttpRequest) -> HttpResponse:
    Account(email="lost@lanterne.invalid").save(force_insert=True)
    raise RuntimeError("lost")


urlpatterns = [path("kept/", kept), path("lost/", lost), path("", include("config.urls"))]
