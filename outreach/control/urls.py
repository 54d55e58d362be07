"""Addresses of the control room. One names a checkpoint by the hash it signs: whoever has it may fetch it, nobody counts."""

from django.urls import path

from outreach.control import views

namespaces = {
    "control": [
        path("", views.ledger, name="ledger"),
        path("accords/", views.consent, name="consent"),
        path("registre/", views.log, name="log"),
        path("registre/<str:root>/", views.checkpoint, name="checkpoint"),
    ]
}
