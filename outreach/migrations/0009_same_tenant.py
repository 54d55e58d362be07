"""The four references that only named a row now name a row of the same association: no plan, place in a team, square or line of
an import can point into another tenant, whoever writes it.
"""

from django.db import migrations

from privacy.db.rowsecurity import sql

KEYS = ("outreach_membership", "outreach_round", "outreach_importjob")
REFERENCES = (
    ("outreach_teammembership", "membership_id", "outreach_membership"),
    ("outreach_roundsector", "round_id", "outreach_round"),
    ("outreach_sectorcell", "sector_id", "outreach_sector"),
    ("outreach_importline", "job_id", "outreach_importjob"),
)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0008_live_members")]

    operations = [
        *(
            sql(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_one_tenant UNIQUE (id, association_id)",
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_one_tenant",
            )
            for table in KEYS
        ),
        *(
            sql(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_tenant"
                f" FOREIGN KEY ({column}, association_id) REFERENCES {target} (id, association_id)"
                " DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_same_tenant",
            )
            for table, column, target in REFERENCES
        ),
    ]
