"""Where the control room stands."""

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
