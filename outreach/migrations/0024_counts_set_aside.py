"""A lead may set one phone's counts aside: the blob is sealed again over nothing, and nothing else of the row may change."""

from django.db import migrations

from privacy.db.rowsecurity import WEB, sql


class Migration(migrations.Migration):
    dependencies = [("outreach", "0023_lookups_inside_a_tenant")]

    operations = [
        sql(
            f"GRANT UPDATE (blob) ON outreach_tally TO {WEB}",
            f"REVOKE UPDATE (blob) ON outreach_tally FROM {WEB}",
        )
    ]
