"""Choices below the new floors are lifted to them: what comes is kept that long, what is stored keeps its day.

Below, an encounter of a round that closed after midnight was set aside, and a late phone's counts failed. A plan lives at least as
long as the records and counts of its round.
"""

from django.db import migrations

FLOORS = {"record_days": 11, "note_days": 5, "tally_days": 11, "handover_days": 5, "itinerary_days": 11}
DEFAULTS = {"record_days": 90, "tally_days": 90, "itinerary_days": 396}


def lift(apps, schema_editor):
    for association in apps.get_model("outreach", "Association").objects.all():
        chosen = association.policy_choice
        lifted = {name: max(chosen[name], FLOORS[name]) for name in FLOORS if name in chosen}
        all_ = DEFAULTS | chosen | lifted
        least = max(all_["record_days"], all_["tally_days"])
        if all_["itinerary_days"] < least:
            lifted["itinerary_days"] = least
        if lifted.items() - chosen.items():
            association.policy_choice = chosen | lifted
            association.save(update_fields=["policy_choice"])


class Migration(migrations.Migration):
    dependencies = [("outreach", "0017_no_second_is_kept")]

    operations = [migrations.RunPython(lift, migrations.RunPython.noop)]
