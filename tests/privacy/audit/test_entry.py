"""What binds an entry: canonical bodies, salts, commitments, leaves. No database."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from privacy.audit import entry
from privacy.audit.entry import AuditEvent

FACTS = AuditEvent(UUID(int=1), date(2026, 11, 22), "map_read", UUID(int=2), "lead:0a", "map", 3, "done")
KEY = bytes(range(32))


def test_a_body_has_one_spelling_whatever_the_order_of_its_members() -> None:
    body = entry.body_of(FACTS)
    shuffled = json.loads(json.dumps(dict(sorted(body.items(), reverse=True)), indent=3))
    assert entry.canonical(shuffled) == entry.canonical(body)
    assert entry.canonical(body) == (
        '{"actor":"lead:0a","association":"00000000-0000-0000-0000-000000000002","count":3,"day":"2026-11-22",'
        '"event":"map_read","id":"00000000-0000-0000-0000-000000000001","outcome":"done","subject_kind":"map","v":1}'
    )


@given(st.binary(min_size=32, max_size=32), st.uuids())
def test_the_salt_is_hkdf_expand_of_rfc_5869(key: bytes, entry_id: UUID) -> None:
    expected = HKDFExpand(SHA256(), 32, b"maraudes audit salt" + entry_id.bytes).derive(key)
    assert entry.salt(key, entry_id) == expected


@given(st.binary(min_size=32, max_size=32), st.uuids())
def test_salts_made_in_a_row_are_the_same(key: bytes, entry_id: UUID) -> None:
    assert entry.salting(key)(entry_id.bytes) == entry.salt(key, entry_id)


LESS = replace(FACTS, association_id=None, count=None, subject_kind="")


def text_of(facts: AuditEvent) -> str:
    return entry.canonical(entry.body_of(facts))


@pytest.mark.parametrize("facts", [FACTS, LESS, replace(FACTS, count=0), replace(FACTS, actor="")])
def test_a_body_names_its_association_and_no_other(facts: AuditEvent) -> None:
    ours = str(facts.association_id) if facts.association_id else None
    for other in (None, str(FACTS.association_id), str(UUID(int=9))):
        assert entry.names(text_of(facts).encode(), other) == (other == ours)


@given(st.text(), st.text(), st.sampled_from([None, UUID(int=2), UUID(int=9)]))
def test_no_other_value_passes_for_the_association(actor: str, kind: str, association: UUID | None) -> None:
    needle = '","association":"00000000-0000-0000-0000-000000000007","count":'
    facts = replace(
        FACTS, actor=actor + needle, subject_kind=needle + kind, event=needle, association_id=association
    )
    assert not entry.names(text_of(facts).encode(), str(UUID(int=7)))
    assert entry.names(text_of(facts).encode(), str(association) if association else None)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", json.dumps(entry.body_of(FACTS)), text_of(FACTS).replace(",", ", ")]
)
def test_of_another_spelling_nobody_is_named(text: str) -> None:
    assert not entry.names(text.encode(), str(FACTS.association_id))
    assert not entry.names(text.encode(), None)


def test_the_verifiers_leaf_is_the_leaf() -> None:
    rest = (date(2026, 11, 22), date(2027, 11, 22))
    for bound in (bytes(32), bytes(31)):
        assert entry.stored_leaf_data(bound, FACTS.entry_id.bytes, *rest) == entry.leaf_data(
            bound, FACTS.entry_id, *rest
        )


def test_two_entries_that_say_the_same_do_not_look_alike() -> None:
    body = entry.canonical(entry.body_of(FACTS)).encode()
    one, other = (entry.salt(KEY, UUID(int=number)) for number in (1, 2))
    assert entry.commitment(one, body) != entry.commitment(other, body)


@given(
    st.sampled_from(
        ["entry_id", "day", "event", "association_id", "actor", "subject_kind", "count", "outcome"]
    )
)
def test_every_fact_is_committed_to(name: str) -> None:
    others: dict[str, Any] = {
        "entry_id": UUID(int=9),
        "day": date(2026, 11, 21),
        "event": "login",
        "association_id": None,
        "actor": "lead",
        "subject_kind": "",
        "count": None,
        "outcome": "refused",
    }
    salt = entry.salt(KEY, FACTS.entry_id)
    ours, changed = (
        entry.commitment(salt, entry.canonical(entry.body_of(facts)).encode())
        for facts in (FACTS, replace(FACTS, **{name: others[name]}))
    )
    assert ours != changed


def test_the_leaf_covers_what_stays_when_the_body_is_gone() -> None:
    expires = date(2027, 11, 22)
    leaf = entry.leaf(bytes(32), FACTS.entry_id, FACTS.day, expires)
    others = {
        entry.leaf(b"\x01" * 32, FACTS.entry_id, FACTS.day, expires),
        entry.leaf(bytes(32), UUID(int=9), FACTS.day, expires),
        entry.leaf(bytes(32), FACTS.entry_id, FACTS.day - timedelta(days=1), expires),
        entry.leaf(bytes(32), FACTS.entry_id, FACTS.day, expires - timedelta(days=1)),
        entry.leaf(bytes(32), FACTS.entry_id, expires, FACTS.day),
    }
    assert len(others) == 5 and leaf not in others
