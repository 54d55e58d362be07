"""A service that had reasons in clear: after the migration they are neither in the table nor in its file."""

from dataclasses import replace
from uuid import uuid4

import pytest

from outreach.closing import services as closing
from outreach.records import quarantine
from outreach.records.models import Quarantine
from outreach.records.tally import Counts
from privacy import clock
from privacy.db.scope import tenant_transaction
from tests import databases, factories, leak_places
from tests.factories import Tenant

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("new_files")]

WORD = "no-consent"
IN_THE_FILE = "SELECT position(convert_to('{}', 'UTF8') in pg_read_binary_file(pg_relation_filepath('outreach_quarantine'))) > 0"


def on_disk(word: str) -> bool:
    *_said, found = leak_places.superuser(
        "CHECKPOINT", IN_THE_FILE.format(word), database=leak_places.name_of("data")
    )
    return found == "t"


def test_a_reason_that_stood_in_clear_leaves_table_and_file(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        draft = factories.sealed(round_, replace(factories.yes(), zone=False))
        closing.close_round(round_.id, phone=uuid4(), counts=Counts(), now=clock.now(), drafts=[draft])
    with databases.before("outreach", "0014") as migrate:
        with databases.raw("owner") as owner:
            owner.execute("UPDATE outreach_quarantine SET reason = %s", [WORD])
        assert on_disk(WORD), "presence first"
        migrate()
        assert not on_disk(WORD)
    with databases.as_owner():
        [row] = Quarantine.objects.all()
        assert quarantine.uncovered([row]) == {draft.id: draft.blob}, "the draft itself has lost nothing"
        assert list(quarantine.reasons([row])) == [(round_.id, "?", row.expires_on)]
