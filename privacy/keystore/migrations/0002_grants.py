"""The keystore's only visitor is its own role; the data's roles cannot even connect to this database."""

from django.db import migrations

TABLES = ("kekepoch", "bucketkey", "recordsecret", "ingresskey", "pepper")

ONLY_KEYS = """
DO $$ BEGIN
    EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO maraudes_keys', current_database());
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("keystore", "0001_initial")]

    operations = [
        migrations.RunSQL(ONLY_KEYS, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON keystore_{table} TO maraudes_keys",
                f"REVOKE ALL ON keystore_{table} FROM maraudes_keys",
            )
            for table in TABLES
        ),
    ]
