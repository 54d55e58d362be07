"""The floor of the room: who may do what with each table, and which rows each role sees."""

from django.db import migrations

from privacy.db.rowsecurity import (
    ACCOUNT,
    ALL,
    ASSOCIATION,
    LOGIN,
    WEB,
    WORKER,
    enable,
    grant,
    policy,
    sql,
    tenant_table,
)

MINE = f"id = {ACCOUNT} OR (email = {LOGIN})"
COLLEAGUE = (
    "EXISTS (SELECT 1 FROM outreach_membership m"
    f" WHERE m.account_id = outreach_account.id AND m.association_id = {ASSOCIATION})"
)
MEMBER = (
    "EXISTS (SELECT 1 FROM outreach_membership m"
    f" WHERE m.association_id = outreach_association.id AND m.account_id = {ACCOUNT})"
)

PEOPLE = [
    enable("outreach_account"),
    grant("outreach_account", WEB, "SELECT, INSERT, UPDATE"),
    policy("outreach_account", WEB, f"{MINE} OR {COLLEAGUE}", command="SELECT"),
    policy("outreach_account", WEB, "true", command="INSERT"),
    policy("outreach_account", WEB, MINE, command="UPDATE"),
    grant("outreach_account", WORKER, ALL),
    policy("outreach_account", WORKER, "true"),
    enable("outreach_association"),
    grant("outreach_association", WEB, "SELECT, UPDATE"),
    policy("outreach_association", WEB, f"id = {ASSOCIATION} OR {MEMBER}", command="SELECT"),
    policy("outreach_association", WEB, f"id = {ASSOCIATION}", command="UPDATE"),
    grant("outreach_association", WORKER, ALL),
    policy("outreach_association", WORKER, "true"),
    enable("outreach_membership"),
    grant("outreach_membership", WEB, "SELECT, INSERT, UPDATE"),
    policy(
        "outreach_membership",
        WEB,
        f"association_id = {ASSOCIATION} OR account_id = {ACCOUNT}",
        command="SELECT",
    ),
    policy("outreach_membership", WEB, f"association_id = {ASSOCIATION}", command="INSERT"),
    policy("outreach_membership", WEB, f"association_id = {ASSOCIATION}", command="UPDATE"),
    grant("outreach_membership", WORKER, ALL),
    policy("outreach_membership", WORKER, "true"),
]


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial"), ("retention", "0002_row_security")]

    operations = [
        *PEOPLE,
        *tenant_table("outreach_team", web="SELECT, INSERT, UPDATE", worker=ALL),
        *tenant_table("outreach_teammembership", worker=ALL),
        *tenant_table("outreach_invitation", worker=ALL),
        *tenant_table("outreach_sector", worker=ALL),
        *tenant_table("outreach_sectorcell", worker=ALL),
        *tenant_table("outreach_round", expires=True, web="SELECT, INSERT, UPDATE", worker=ALL),
        *tenant_table("outreach_roundsector", worker=ALL),
        *tenant_table("outreach_tally", team=True, expires=True, web="SELECT, INSERT", worker=ALL),
        *tenant_table("outreach_tallymonth", web="SELECT, INSERT, UPDATE", worker=ALL),
        *tenant_table("outreach_handover", team=True, expires=True, web="SELECT, INSERT, DELETE", worker=ALL),
        *tenant_table("outreach_draft", team=True, expires=True, web="SELECT, INSERT, DELETE", worker=ALL),
        *tenant_table("outreach_quarantine", team=True, expires=True, web="SELECT, INSERT", worker=ALL),
        *tenant_table("outreach_tombstone", team=True, expires=True, web="SELECT, INSERT", worker=ALL),
        *tenant_table(
            "outreach_consentevent", team=True, web="SELECT, INSERT", worker="SELECT, INSERT, DELETE"
        ),
        *tenant_table("outreach_consentcounter", web="SELECT, INSERT, UPDATE", worker=ALL),
        *tenant_table("outreach_record", team=True, expires=True, web="SELECT, INSERT, DELETE", worker=ALL),
        *tenant_table(
            "outreach_sealedpart", team=True, expires=True, web="SELECT, INSERT, DELETE", worker=ALL
        ),
        *tenant_table("outreach_importjob", web="SELECT, INSERT, UPDATE", worker=ALL),
        *tenant_table("outreach_importline", web="SELECT, INSERT", worker=ALL),
        sql("REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC"),
    ]
