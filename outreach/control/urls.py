"""Addresses of the control room. The only number in one is the size of a checkpoint, which is public and about nobody."""

from django.urls import path

from outreach.control import views

namespaces = {
    "control": [
        path("", views.ledger, name="ledger"),
        path("accords/", views.consent, name="consent"),
        path("registre/", views.log, name="log"),
        path("registre/<int:size>/", views.checkpoint, name="checkpoint"),
    ]
}
