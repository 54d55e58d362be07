"""A kept checkpoint, pasted into the auditor's page: it holds, it does not hold, or it is none of this log's."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from privacy.audit import checking, keys, last_checkpoint
from privacy.audit.checking import Verdict, check
from privacy.audit.models import LastPromise
from privacy.core import note as notes
from tests import databases
from tests.privacy.audit.scenes import LANTERNE, NOON, PASSERELLE, sealed

pytestmark = pytest.mark.database
TODAY = NOON.date()


@contextmanager
def spoiling() -> Iterator[object]:
    """The owner with all triggers asleep; what is done stays done."""
    with databases.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        yield owner
        owner.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")


def verdict(note: str) -> Verdict:
    return check(note, LANTERNE, today=TODAY).verdict


def test_every_kept_checkpoint_of_a_whole_log_holds() -> None:
    kept = sealed(4, 6, 8)
    assert [check(note, LANTERNE, today=TODAY) for note in kept] == [
        checking.Checked(Verdict.HOLDS, size) for size in (4, 10, 18)
    ]


def test_what_a_form_does_to_a_text_is_undone() -> None:
    [kept] = sealed(4)
    assert verdict("\r\n  " + kept.replace("\n", "  \r\n").strip()) is Verdict.HOLDS


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit_logentry SET leaf_hash = sha256('x') WHERE index = 1",
        "UPDATE audit_logentry SET day = day - 1 WHERE index = 1",
        "DELETE FROM audit_logentry WHERE index = 1",
        "DELETE FROM audit_logentry WHERE index >= 2",
        f"UPDATE audit_logentry SET body = replace(body, 'done', 'gone') WHERE association_id = '{LANTERNE}'",
        f"UPDATE audit_logentry SET body = '{{}}' WHERE association_id = '{LANTERNE}'",
    ],
)
def test_a_changed_log_does_not_hold_it(harm: str) -> None:
    [kept] = sealed(12)
    with spoiling() as owner:
        assert owner.execute(harm).rowcount > 0  # type: ignore[attr-defined]
        found = check(kept, LANTERNE, today=TODAY)
    assert found.verdict is Verdict.BROKEN
    assert 0 < len(found.reasons) <= checking.SHOWN


def test_what_another_association_s_auditor_cannot_open_is_no_harm_and_no_leak() -> None:
    [kept] = sealed(12)
    assert check(kept, PASSERELLE, today=TODAY).verdict is Verdict.HOLDS


def test_a_history_signed_beside_this_one_does_not_hold() -> None:
    """The key and the name are right, the entries are not: what a stolen key would sign."""
    sealed(4)
    key = keys.signing_key()
    other = notes.sign_checkpoint(notes.Checkpoint(key.origin, 3, bytes(32)), key.seed)
    assert verdict(other) is Verdict.BROKEN


def test_what_is_not_this_log_s_is_told_apart_from_what_does_not_hold() -> None:
    [kept] = sealed(4)
    foreign = notes.sign_checkpoint(notes.Checkpoint("elsewhere.example/audit", 2, bytes(32)), bytes(32))
    assert verdict(foreign) is Verdict.NOT_OURS
    for text in ("", "bonjour", kept.splitlines()[0], kept.partition("\n\n")[0]):
        assert verdict(text) is Verdict.UNREADABLE
    first, second = kept.split("\n")[:2]
    assert (
        verdict(kept.replace(f"{first}\n{second}\n", f"{first}\n{int(second) + 1}\n", 1)) is Verdict.NOT_OURS
    )


def test_until_the_worker_told_the_key_nobody_is_accused() -> None:
    [kept] = sealed(4)
    with databases.as_owner():
        LastPromise.objects.update(verifier="")
    assert verdict(kept) is Verdict.NO_KEY
    with databases.as_worker():
        last_checkpoint.publish(NOON)
    assert verdict(kept) is Verdict.HOLDS


def test_a_log_too_long_for_a_page_is_for_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    [kept] = sealed(4)
    monkeypatch.setattr(checking, "MOST", 3)
    assert verdict(kept) is Verdict.TOO_LONG
