"""A round of 500 sealed drafts against Django's `bulk_create` of as many rows and bytes into the same tables' twins.

The bare side inserts what ours writes, row for row and byte for byte: 500 records, 1,000 parts, 500 consent
events, 500 tombstones
in the data and 1,500 secrets in the keystore, in two transactions, without opening, checking, sealing, folding
or logging anything.
"""

import os
import uuid
from typing import Any

from tests.bench.stage import compare, stage

SIZE = 500


def main() -> None:
    from django.db import models, transaction

    from outreach.closing import services as closing
    from outreach.closing.intake import SealedDraft
    from outreach.records.models import ConsentEvent, Record, SealedPart, Tombstone
    from outreach.records.tally import Counts
    from outreach.rounds.models import Round
    from privacy.db.scope import tenant_transaction
    from privacy.keystore.models import RecordSecret
    from tests import databases, factories

    with databases.as_owner():
        lanterne = factories.make_lanterne()
    twins: dict[type[models.Model], type[models.Model]] = {}
    for model in (Record, SealedPart, ConsentEvent, Tombstone, RecordSecret):
        database = "keystore" if model is RecordSecret else "default"
        table = model._meta.db_table
        with databases.raw("owner", database) as connection:
            connection.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING INDEXES)")
            connection.execute(
                f"GRANT ALL ON bare_{table} TO maraudes_{'keys' if database == 'keystore' else 'web'}"
            )
        meta = type(
            "Meta", (), {"app_label": model._meta.app_label, "db_table": f"bare_{table}", "managed": False}
        )
        columns: dict[str, Any] = {
            field.attname: models.UUIDField() if field.is_relation else field.clone()
            for field in model._meta.concrete_fields
        }
        for column in columns.values():
            column._unique = column.primary_key
        twins[model] = type(
            f"Bare{model.__name__}",
            (models.Model,),
            columns | {"Meta": meta, "__module__": "outreach.models"},
        )

    def prepare() -> tuple[Round, list[SealedDraft]]:
        with tenant_transaction(lanterne.scope("north")):
            Round.objects.filter(shift="night").update(shift=f"x{len(done)}")
            round_ = factories.open_round(lanterne)
            return round_, [
                factories.sealed(round_, factories.yes(2, needs=("meal",), note="duvet")) for _ in range(SIZE)
            ]

    done: list[int] = []
    batches = []
    for number in range(12):
        done.append(number)
        batches.append(prepare())
    ready = iter(batches)

    def ours() -> None:
        round_, drafts = next(ready)
        with tenant_transaction(lanterne.scope("north")):
            receipt = closing.close_round(
                round_.id, phone=uuid.uuid4(), counts=Counts(), now=factories.NOW, drafts=drafts
            )
        assert len(receipt.stored) == SIZE, receipt.quarantined

    def bare() -> None:
        team, association, round_id = lanterne.teams["north"].id, lanterne.association.id, uuid.uuid4()
        tenant = {"association_id": association, "team_id": team, "expires_on": factories.NIGHT}
        secrets = [
            twins[RecordSecret](
                id=uuid.uuid4(),
                subject_id=uuid.uuid4(),
                retention_class="record",
                bucket_id=association,
                wrapped=os.urandom(105),
            )
            for _ in range(3 * SIZE)
        ]
        with transaction.atomic(using="keystore"):
            twins[RecordSecret]._default_manager.using("keystore").bulk_create(secrets)
        with transaction.atomic():
            ids = [uuid.uuid4() for _ in range(SIZE)]
            twins[ConsentEvent]._default_manager.bulk_create(
                [
                    twins[ConsentEvent](
                        id=uuid.uuid4(),
                        subject=one,
                        purpose="zone",
                        decision="given",
                        sequence=1,
                        notice_version="2026-11",
                        actor=team,
                        night=factories.NIGHT,
                        **tenant,
                    )
                    for one in ids
                ]
            )
            twins[Record]._default_manager.bulk_create(
                [
                    twins[Record](
                        id=one,
                        round_id=round_id,
                        policy_version="x" * 16,
                        born_to=factories.NIGHT,
                        blob=os.urandom(1097),
                        **tenant,
                    )
                    for one in ids
                ]
            )
            twins[SealedPart]._default_manager.bulk_create(
                [
                    twins[SealedPart](
                        id=uuid.uuid4(),
                        record_id=one,
                        retention_class="note",
                        born_to=factories.NIGHT,
                        blob=os.urandom(1097),
                        **tenant,
                    )
                    for one in ids
                ]
            )
            twins[Tombstone]._default_manager.bulk_create(
                [twins[Tombstone](id=one, digest=os.urandom(32), **tenant) for one in ids]
            )

    compare(
        f"a batch of {SIZE} drafts against bulk_create of the same rows and bytes",
        ours,
        bare,
        rounds=11,
        aim=3.0,
    )


if __name__ == "__main__":
    with stage():
        main()
