"""A sum dies with the shortest-lived thing in it: its day may be moved forward, and its blob stays bound to the first one."""

from django.db import migrations, models

from privacy.db.rowsecurity import sql

TABLES = {"weeklysummary": "maps_weeklysummary", "monthlyaccumulator": "maps_monthlyaccumulator"}


class Migration(migrations.Migration):
    dependencies = [("maps", "0002_row_security"), ("retention", "0007_never_later")]

    operations = [
        *(migrations.AddField(model, "born_to", models.DateField(null=True)) for model in TABLES),
        *(sql(f"UPDATE {table} SET born_to = expires_on") for table in TABLES.values()),
        *(migrations.AlterField(model, "born_to", models.DateField()) for model in TABLES),
        *(
            sql(
                f"CREATE TRIGGER never_later BEFORE UPDATE OF expires_on ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION retention_never_later()",
                f"DROP TRIGGER never_later ON {table}",
            )
            for table in TABLES.values()
        ),
    ]
