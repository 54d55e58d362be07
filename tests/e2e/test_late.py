"""What is late never leaves the auditor's book, however long ago it should have been destroyed."""

from datetime import timedelta

import pytest

from privacy.core.retention import RetentionClass
from privacy.db.scope import tenant_transaction
from privacy.retention import ledger, selectors
from privacy.retention.selectors import State
from tests.factories import NIGHT, Tenant

pytestmark = pytest.mark.database


@pytest.mark.parametrize("weeks", [1, 13, 14, 60])
def test_a_line_stays_late_for_ever(lanterne: Tenant, weeks: int) -> None:
    day = NIGHT + timedelta(days=1)
    with tenant_transaction(lanterne.scope("north")):
        ledger.stored(lanterne.association.id, {(RetentionClass.RECORD, day): 3})
    book = selectors.book(lanterne.association.id, today=day + timedelta(weeks=weeks))
    assert [(line.kind, line.state) for line in book.lines] == [("record", State.LATE)]
    assert book.late == 1
