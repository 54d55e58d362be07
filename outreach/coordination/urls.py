"""Addresses of the coordination pages. They name a planned round at most; members and teams add theirs from their own room."""

from django.urls import path

from outreach.coordination import views

namespaces = {
    "coordination": [
        path("", views.home, name="home"),
        path("agenda/", views.agenda, name="agenda"),
        path("agenda/<uuid:round_id>/annuler/", views.cancel, name="cancel"),
        path("agenda/<uuid:round_id>/retablir/", views.restore, name="restore"),
        path("couverture/", views.coverage, name="coverage"),
    ]
}
