"""One set of bands everywhere a count is read: in Python, in the statement that coarsens the book, in the view of consents."""

from datetime import timedelta

import pytest

from privacy import bands
from privacy.audit.selectors import Band
from privacy.core.retention import RetentionClass
from privacy.db.scope import Scope, tenant_transaction
from privacy.retention import ledger
from privacy.retention.models import LedgerEntry
from tests import databases
from tests.factories import NIGHT, Tenant

EDGES = [0, 1, 19, 20, 49, 50, 51, 5000]
FLOORS = [0, 0, 0, 20, 20, 50, 50, 50]


@pytest.mark.parametrize(("count", "floor"), list(zip(EDGES, FLOORS, strict=True)))
def test_the_band_of_a_count(count: int, floor: int) -> None:
    assert bands.floor(count) == floor
    assert bands.label(count) == bands.LABELS[floor]
    assert bands.label(count) in {band.value for band in Band}


@pytest.mark.database
@pytest.mark.parametrize("count", EDGES[1:])
def test_the_database_coarsens_to_the_same_floor(lanterne: Tenant, count: int) -> None:
    line = LedgerEntry(
        association_id=lanterne.association.id,
        retention_class=RetentionClass.NOTE.value,
        expires_on=NIGHT,
        stored=count,
        erased=count,
        erased_on=NIGHT,
    )
    with databases.as_worker(), tenant_transaction(Scope()):
        line.save(force_insert=True)
        ledger.coarsen(NIGHT + timedelta(days=365))
        kept = LedgerEntry.objects.get(association_id=lanterne.association.id)
    assert kept.stored == bands.floor(count)


@pytest.mark.database
def test_the_view_of_consents_shows_the_same_bands(db_clean: None) -> None:
    with databases.raw("owner") as connection:
        shown = [connection.execute("SELECT app_band(%s)", [count]).fetchone() for count in EDGES]
    assert shown == [(bands.label(count),) for count in EDGES]
