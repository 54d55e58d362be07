"""The keystore tells no order of arrival."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections

from privacy.core.retention import RetentionClass
from privacy.db.router import KEYSTORE
from privacy.keystore import services as keystore
from privacy.keystore.models import RecordSecret
from tests.factories import NIGHT

pytestmark = pytest.mark.database

LATER = NIGHT + timedelta(days=90)


def test_secrets_lie_in_the_order_of_their_random_ids(new_files: None) -> None:
    """As they lie in the file: in the order they were asked for, they would tell the order of a round's encounters."""
    wanted = [(uuid4(), RetentionClass.RECORD, LATER) for _ in range(12)]
    assert len(keystore.issue_secrets(uuid4(), wanted)) == 12
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(f"SELECT id FROM {RecordSecret._meta.db_table} ORDER BY ctid")
        ids = [row[0] for row in cursor.fetchall()]
    assert len(ids) == 12
    assert ids == sorted(ids)
