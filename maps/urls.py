"""Where the maps stand."""

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
