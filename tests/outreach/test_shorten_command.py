"""`manage.py shorten`: says why not, previews, then does."""

from datetime import UTC, date, datetime, time
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from outreach.closing import services as closing
from outreach.records.tally import Counts
from privacy.db.scope import tenant_transaction
from privacy.retention import services as retention
from tests import databases, factories
from tests.factories import Tenant

pytestmark = pytest.mark.database

NIGHT = date(2040, 1, 4)
NOW = datetime.combine(NIGHT, time(21), UTC)


@pytest.fixture
def lived(lanterne: Tenant) -> Tenant:
    """An association with three records."""
    with databases.as_worker():
        retention.raise_high_water(NIGHT)
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne, night=NIGHT)
        drafts = [factories.sealed(round_, factories.yes()) for _ in range(3)]
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=NOW, drafts=drafts)
    return lanterne


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (["record_days=91"], "only shortens"),
        (["few=4"], "between 5 and 20"),
        (["few=6"], "only shortens"),
        (["record_days=10"], "between 11 and 730 days"),
        (["itinerary_days=20"], "at least record_days and tally_days"),
        (["secrets_days=3"], "no such rule"),
        (["record_days"], "record_days=14"),
        (["record_days=1e2"], "record_days=14"),
    ],
)
def test_the_command_says_why_not_and_changes_nothing(lanterne: Tenant, rules: list[str], said: str) -> None:
    with databases.as_worker(), pytest.raises(CommandError, match=said):
        call_command("shorten", "lanterne", *rules, "--wet-run")
    with databases.as_owner():
        lanterne.association.refresh_from_db()
        assert lanterne.association.policy_choice == {}


def test_the_command_previews_then_does(lived: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privacy.clock.now", lambda: NOW)

    def said(*typed: str) -> str:
        with databases.as_worker():
            call_command("shorten", *typed, stdout=(out := StringIO()))
        return out.getvalue()

    assert "3 records: would go sooner" in said("lanterne", "record_days=14")
    assert "Nothing was changed" in said("lanterne", "record_days=14")
    assert "3 records: sooner" in said("lanterne", "record_days=14", "--wet-run")
    assert "nothing that is stored is kept longer" in said()
    with databases.as_owner():
        lived.association.refresh_from_db()
        assert lived.association.policy.record_days == 14
