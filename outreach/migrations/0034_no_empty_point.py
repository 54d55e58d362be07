"""A record has no blob for an exact point any more: it sealed nothing, and nothing read it.

Rows of an older version go, and so does what an association chose of its term. What a record says, and its note, stay as they
are sealed. Back again, records have no point, which the version before reads as well.
"""

from django.db import migrations

from privacy.db.rowsecurity import sql

NOTE = "retention_class = 'note' AND octet_length(blob) = 1097"
POINT = "retention_class = 'point' AND octet_length(blob) = 329"
SIZE = "ALTER TABLE outreach_sealedpart DROP CONSTRAINT part_blob_has_one_size, ADD CONSTRAINT part_blob_has_one_size CHECK ({})"


class Migration(migrations.Migration):
    dependencies = [("outreach", "0033_not_walked")]

    operations = [
        sql("DELETE FROM outreach_sealedpart WHERE retention_class = 'point'"),
        sql(SIZE.format(NOTE), SIZE.format(f"({NOTE}) OR ({POINT})")),
        sql(
            "UPDATE outreach_association SET policy_choice = policy_choice - '{point_days,point_idle_days}'::text[]"
        ),
    ]
