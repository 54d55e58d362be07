"""Addresses of the auditor's pages. One names a checkpoint by the hash it signs: whoever has it may fetch it, nobody counts."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from outreach.auditing import views


class RootConverter(StringConverter):
    """The root of a checkpoint: 64 hexadecimal digits. Anything else is no address."""

    regex = "[0-9a-f]{64}"


register_converter(RootConverter, "root")

namespaces = {
    "auditing": [
        path("", views.ledger, name="ledger"),
        path("accords/", views.consent, name="consent"),
        path("registre/", views.log, name="log"),
        path("registre/verifier/", views.check, name="check"),
        path("registre/<root:root>/", views.checkpoint, name="checkpoint"),
    ]
}
