"""Addresses of the field. They name a round and nothing of an encounter: no place, no draft, no answer stands in an address."""

from django.urls import URLPattern, URLResolver, path

from outreach.field.views import closing, counts, encounters, home, notes, phones, rounds

namespaces: dict[str, list[URLPattern | URLResolver]] = {
    "field": [
        path("cette-nuit/", rounds.tonight, name="tonight"),
        path("cette-nuit/prevoir/", rounds.plan, name="plan"),
        path("notes/", notes.notes, name="notes"),
        path("tournee/<uuid:round_id>/", home.home, name="round"),
        path("tournee/<uuid:round_id>/partir/", rounds.start, name="start"),
        path("tournee/<uuid:round_id>/annuler/", rounds.cancel, name="cancel"),
        path("tournee/<uuid:round_id>/compter/", counts.count, name="count"),
        path("tournee/<uuid:round_id>/rencontre/", encounters.encounter, name="encounter"),
        path("tournee/<uuid:round_id>/effacer/", home.erase, name="erase"),
        path("tournee/<uuid:round_id>/clore/", closing.close, name="close"),
        path("tournee/<uuid:round_id>/rouvrir/", closing.reopen, name="reopen"),
        path("tournee/<uuid:round_id>/comptages/", phones.phones, name="phones"),
        path("tournee/<uuid:round_id>/recu/", closing.sent, name="sent"),
    ]
}
