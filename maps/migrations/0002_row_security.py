"""Sealed sums: the web role keeps its own association's, the worker rebuilds and purges all; no other role sees them."""

from django.db import migrations

from privacy.db.rowsecurity import ALL, tenant_table


class Migration(migrations.Migration):
    dependencies = [("maps", "0001_initial"), ("retention", "0002_row_security")]

    operations = [
        *tenant_table("maps_weeklysummary", expires=True, web="SELECT, INSERT, UPDATE", worker=ALL),
        *tenant_table("maps_monthlyaccumulator", expires=True, web="SELECT, INSERT, UPDATE", worker=ALL),
    ]
