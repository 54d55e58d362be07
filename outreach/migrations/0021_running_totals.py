"""Totals of a month or quarter that still runs are sealed; the clear line is written once, rounded or in bands, by the worker.

Lines kept so far are exact: they are marked, hidden from every page, and the worker seals them within the hour
(`outreach.closing.freezing`). It alone has the keys to do so, and writes the tables anew afterwards: no dead row keeps them.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from privacy.db.rowsecurity import ALL, ASSOCIATION, AUDIT, WEB, WORKER, grant, policy, sql, tenant_table

totals = __import__("outreach.migrations.0013_totals_by_function", fromlist=["function"])
floor = __import__("outreach.migrations.0003_floor", fromlist=["BANDS"])

BANDS = (50, 20, 0)
MINE = f"association_id = {ASSOCIATION}"
SEALED_SUM = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("version", models.PositiveSmallIntegerField(default=1)),
    ("blob", models.BinaryField()),
    ("born_to", models.DateField()),
    ("expires_on", models.DateField()),
]


def running(name: str, period: str, constraint: str) -> migrations.CreateModel:
    association = models.ForeignKey(to="outreach.association", on_delete=django.db.models.deletion.CASCADE)
    return migrations.CreateModel(
        name=name,
        fields=[*SEALED_SUM, (period, models.DateField()), ("association", association)],
        options={
            "constraints": [models.UniqueConstraint(fields=("association", period), name=constraint)],
        },
    )


def never_later(table: str) -> migrations.RunSQL:
    return sql(
        f"CREATE TRIGGER never_later BEFORE UPDATE OF expires_on ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION retention_never_later()",
        f"DROP TRIGGER never_later ON {table}",
    )


def drop(name: str, arguments: str, body: str) -> migrations.RunSQL:
    made = totals.function(name, arguments, body)
    return sql(made.reverse_sql, made.sql)


def written_once(table: str) -> list[migrations.RunSQL]:
    """Nobody changes or removes a frozen line: not a request, which only reads, and not the worker, which writes it."""
    return [
        sql(
            f"DROP POLICY worker_all ON {table}",
            f"CREATE POLICY worker_all ON {table} FOR ALL TO {WORKER} USING (true) WITH CHECK (true)",
        ),
        sql(
            f"DROP POLICY web_all ON {table}",
            f"CREATE POLICY web_all ON {table} FOR ALL TO {WEB} USING ({MINE}) WITH CHECK ({MINE})",
        ),
        policy(table, WEB, f"frozen AND {MINE}", command="SELECT"),
        policy(table, WORKER, "true", command="SELECT"),
        policy(table, WORKER, "frozen", command="INSERT"),
        policy(table, WORKER, "NOT frozen", command="DELETE"),
        sql(f"REVOKE UPDATE ON {table} FROM {WORKER}", f"GRANT UPDATE ON {table} TO {WORKER}"),
    ]


class Migration(migrations.Migration):
    dependencies = [("outreach", "0020_coordination_apart"), ("retention", "0007_never_later")]

    operations = [
        running("RunningMonth", "month", "one_running_month"),
        running("RunningQuarter", "quarter", "one_running_quarter"),
        *tenant_table("outreach_runningmonth", expires=True, web="SELECT, INSERT, UPDATE", worker=ALL),
        *tenant_table("outreach_runningquarter", expires=True, web="SELECT, INSERT, UPDATE", worker=ALL),
        never_later("outreach_runningmonth"),
        never_later("outreach_runningquarter"),
        # What is there is exact; what comes is not.
        migrations.AddField("tallymonth", "frozen", models.BooleanField(default=False)),
        migrations.AlterField("tallymonth", "frozen", models.BooleanField(default=True)),
        migrations.AddField("consentcounter", "asked", models.PositiveIntegerField(default=0)),
        migrations.AddField("consentcounter", "always_yes", models.BooleanField(default=False)),
        migrations.AddField("consentcounter", "frozen", models.BooleanField(default=False)),
        migrations.AlterField("consentcounter", "frozen", models.BooleanField(default=True)),
        migrations.AddConstraint(
            "consentcounter",
            models.CheckConstraint(
                condition=Q(frozen=False)
                | Q(asked__in=BANDS, given__in=BANDS, refused__in=BANDS, withdrawn__in=BANDS),
                name="a_finished_quarter_is_in_bands",
            ),
        ),
        *written_once("outreach_tallymonth"),
        *written_once("outreach_consentcounter"),
        drop("outreach_add_consent", "uuid, date, int, int, int", totals.ADD_CONSENT),
        drop("outreach_add_month", "uuid, date, jsonb", totals.ADD_MONTH),
        # The auditor's role reads what the page shows, and there is nothing finer behind it.
        sql(
            "DROP VIEW outreach_consentband",
            f"{floor.BANDS.split('$$;', 1)[1]} GRANT SELECT ON outreach_consentband TO {AUDIT}",
        ),
        grant("outreach_consentcounter", AUDIT, "SELECT"),
        policy("outreach_consentcounter", AUDIT, f"frozen AND {MINE}", command="SELECT"),
    ]
