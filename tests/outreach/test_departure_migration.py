"""A service that runs keeps its planned hours when departures come to hold minutes, and has them back with the version before."""

from datetime import time, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from outreach.rounds import services as rounds
from outreach.rounds.models import Round
from privacy.db.scope import tenant_transaction
from tests import databases
from tests.factories import NIGHT, Tenant

pytestmark = pytest.mark.database
BEFORE, AFTER = ("outreach", "0030_phone_count"), ("outreach", "0031_departure_to_the_minute")


def test_planned_hours_are_kept_both_ways(lanterne: Tenant) -> None:
    nights = [NIGHT + timedelta(days=n) for n in range(3)]
    with tenant_transaction(lanterne.scope("north")):
        made = [
            rounds.plan_round(
                association_id=lanterne.association.id,
                team_id=lanterne.teams["north"].id,
                night=night,
                sector_ids=[],
            )
            for night in nights
        ]
    with databases.as_owner():
        try:
            call_command("migrate", *BEFORE, verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE outreach_round SET planned_hour = 21")
                cursor.execute("UPDATE outreach_round SET planned_hour = NULL WHERE id = %s", [made[1].id])
                cursor.execute("UPDATE outreach_round SET status = 'closed' WHERE id = %s", [made[2].id])
            call_command("migrate", *AFTER, verbosity=0)
            kept = dict(Round.objects.values_list("night", "planned_start"))
            assert kept == {nights[0]: time(21), nights[1]: None, nights[2]: None}
            Round.objects.filter(id=made[0].id).update(planned_start=time(1, 30))
            call_command("migrate", *BEFORE, verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute("SELECT planned_hour FROM outreach_round ORDER BY night")
                assert [row[0] for row in cursor.fetchall()] == [1, None, None]
        finally:
            call_command("migrate", "outreach", verbosity=0)
