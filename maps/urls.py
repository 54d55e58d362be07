"""Addresses of the maps. A week is the only thing one may ask for; no square, team or record stands in an address."""

from django.urls import include, path

from maps import views

routes = (
    [
        path("equipe/", views.team, name="team"),
        path("coordination/", views.coordinator, name="coordinator"),
    ],
    "maps",
)
urlpatterns = [path("cartes/", include(routes))]
