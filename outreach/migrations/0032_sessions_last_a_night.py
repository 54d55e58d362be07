"""Who chose sessions of one day has two: with one they ended at midnight, in the middle of a round."""

from django.db import migrations

LEAST = 2


def lift(apps, schema_editor):
    for association in apps.get_model("outreach", "Association").objects.all():
        if association.policy_choice.get("session_days", LEAST) < LEAST:
            association.policy_choice = association.policy_choice | {"session_days": LEAST}
            association.save(update_fields=["policy_choice"])


class Migration(migrations.Migration):
    dependencies = [("outreach", "0031_departure_to_the_minute")]

    operations = [migrations.RunPython(lift, migrations.RunPython.noop)]
