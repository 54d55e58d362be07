"""How a record is laid out in its blobs: what each is bound to, and the two that every record always has.

The context names association, table, record, retention class, policy version and the bucket the record was born to: a
blob moved to any other place does not open. A shortened policy moves secrets to an earlier bucket; the context keeps
naming the birth one.
"""

import json
from datetime import date
from uuid import UUID

from outreach.records.counted import KEY, Counted
from outreach.records.encounter import Encounter, body_of, build
from privacy.core import context, envelope
from privacy.core.consent import ConsentProof
from privacy.core.retention import RetentionClass
from privacy.core.values import Sealed
from privacy.keystore.services import Secrets

CLASSES = (RetentionClass.RECORD, RetentionClass.NOTE)
TABLES = {
    RetentionClass.RECORD: "outreach_record",
    RetentionClass.NOTE: "outreach_sealedpart",
}


def record_aad(
    association_id: UUID, record_id: UUID, cls: RetentionClass, policy_version: str, born_to: date
) -> bytes:
    """The context of one blob."""
    return context.encode(
        "maraudes/seal", association_id, TABLES[cls], record_id, cls.value, policy_version, born_to
    )


def seal_record(
    encounter: Encounter,
    counted: Counted,
    record_id: UUID,
    bounds: dict[RetentionClass, bytes],
    secrets: Secrets,
    proof: ConsentProof,
) -> dict[RetentionClass, Sealed]:
    """The blobs of a record, one for each class of `bounds`, one size per class whatever it holds.
    Raises TooLong, ConsentMissing.
    """
    text = encounter.note.encode()
    plain = {
        RetentionClass.RECORD: (_body(encounter, counted), envelope.RECORD),
        RetentionClass.NOTE: (text, envelope.NOTE),
    }
    blobs = {}
    for cls, bound in bounds.items():
        body, size = plain[cls]
        secret = secrets[(record_id, cls)]
        if body:
            blobs[cls] = envelope.seal(body, secret, bound, padded_to=size, proof=proof)
        else:
            blobs[cls] = envelope.seal_nothing(secret, bound, padded_to=size)
    return blobs


def _body(encounter: Encounter, counted: Counted) -> bytes:
    """The encounter and where it was counted; the longest of texts leaves no room for that, and nobody is refused for it."""
    body = encounter.without_note().to_json()
    if len(body) > envelope.LONGEST_RECORD:
        return body
    where = json.dumps({KEY: counted.to_body()}, separators=(",", ":")).encode()
    whole = body[:-1] + b"," + where[1:]
    return whole if len(whole) <= envelope.LONGEST_RECORD else body


def parse_record(text: bytes) -> tuple[Encounter, Counted | None]:
    """The encounter that a record holds, and where it was counted. Raises BadEncounter."""
    body = body_of(text)
    counted = Counted.of_body(body.pop(KEY, None))
    return build(body), counted
