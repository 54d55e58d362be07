"""Row security over the tables of the login library: a session of the web role sees the rows of one person, or of the address typed."""

from django.db import migrations

from privacy.db.rowsecurity import ACCOUNT, ALL, LOGIN, WEB, WORKER, enable, grant, policy

MINE = f"user_id = {ACCOUNT} OR user_id = (SELECT a.id FROM outreach_account a WHERE a.email = {LOGIN})"
TABLES = ("account_emailaddress", "mfa_authenticator", "usersessions_usersession")


class Migration(migrations.Migration):
    dependencies = [
        ("outreach", "0003_floor"),
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
        ("usersessions", "0001_initial"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        operation
        for table in TABLES
        for operation in (
            enable(table),
            grant(table, WEB, ALL),
            policy(table, WEB, MINE),
            grant(table, WORKER, ALL),
            policy(table, WORKER, "true"),
        )
    ] + [grant("django_session", WEB, ALL), grant("django_session", WORKER, ALL)]
