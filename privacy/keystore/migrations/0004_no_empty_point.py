"""Keys of exact points go: they sealed nothing. Nothing is owed for them, since no copy of one opens anything."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("keystore", "0003_owed")]

    operations = [
        migrations.RunSQL(
            "DELETE FROM keystore_recordsecret WHERE retention_class = 'point';"
            " DELETE FROM keystore_bucketkey WHERE retention_class = 'point'",
            migrations.RunSQL.noop,
        )
    ]
