"""The keystore's only visitor is its own role; the data's roles cannot even connect to this database."""

from django.db import migrations

TABLES = ("kekepoch", "bucketkey", "recordsecret", "ingresskey", "pepper")


class Migration(migrations.Migration):
    dependencies = [("keystore", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON keystore_{table} TO maraudes_keys",
            f"REVOKE ALL ON keystore_{table} FROM maraudes_keys",
        )
        for table in TABLES
    ] + [
        # `LOCK TABLE … IN EXCLUSIVE MODE`, once, when the very first epoch is made, needs no more than UPDATE.
    ]
