"""What is late never leaves the auditor's book, however long ago it should have been destroyed."""

from datetime import timedelta

import pytest

from privacy.core.retention import RetentionClass
from privacy.db.scope import working
from privacy.retention import ledger, reading
from privacy.retention.reading import State
from tests.cast import NIGHT, House

pytestmark = pytest.mark.database


@pytest.mark.parametrize("weeks", [1, 13, 14, 60])
def test_a_line_stays_late_for_ever(home: House, weeks: int) -> None:
    day = NIGHT + timedelta(days=1)
    with working(home.scope("north")):
        ledger.stored(home.association.id, {(RetentionClass.RECORD, day): 3})
    book = reading.book(home.association.id, today=day + timedelta(weeks=weeks))
    assert [(line.kind, line.state) for line in book.lines] == [("record", State.LATE)]
    assert book.late == 1
