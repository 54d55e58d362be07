"""A rotation that is owed: what was destroyed under an epoch is final when that epoch is gone."""

from django.db import migrations, models

TEMPORARY = """
DO $$ BEGIN EXECUTE format('%s TEMPORARY ON DATABASE %I %s maraudes_keys', '{0}', current_database(), '{1}'); END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("keystore", "0002_grants")]

    operations = [
        migrations.AddField(model_name="kekepoch", name="owed", field=models.BooleanField(default=False)),
        # Whether something was destroyed under the epoch of today nobody wrote down: the first purge rotates.
        # New wrappings wait in a temporary table, so that nobody waits while they are made.
        migrations.RunSQL(TEMPORARY.format("GRANT", "TO"), TEMPORARY.format("REVOKE", "FROM")),
        migrations.RunSQL("UPDATE keystore_kekepoch SET owed = true", migrations.RunSQL.noop),
    ]
