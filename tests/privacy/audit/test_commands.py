"""The four commands, as an operator and an auditor type them."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from privacy.audit import keys
from privacy.audit.models import PendingEvent
from privacy.core import note as notes
from tests import databases
from tests.privacy.audit.scenes import NOON, happen, sealed
from tests.reading import typed

pytestmark = pytest.mark.database


def run(name: str, *arguments: str, **options: Any) -> tuple[int, str]:
    """Exit code and everything printed, as the worker (the role that manage.py gives to audit commands)."""
    out = StringIO()
    with databases.as_worker():
        try:
            call_command(name, *arguments, stdout=out, stderr=out, no_color=True, **options)
        except SystemExit as stop:
            return int(stop.code or 0), typed(out.getvalue())
    return 0, typed(out.getvalue())


def test_seal_verify_hand_over_and_verify_again(tmp_path: Path) -> None:
    happen(4, NOON)
    assert "4 entrées" in run("audit_seal", "--now-only")[1]
    assert "Rien à sceller" in run("audit_seal", "--now-only")[1]
    code, said = run("audit_verify")
    assert code == 0
    assert "4 entrées relues" in said and "Rien n’a été modifié" in said
    assert "sans sceau conservé ailleurs" in said

    kept, key = tmp_path / "kept.txt", tmp_path / "key.txt"
    run("audit_checkpoint", "--out", str(kept))
    key.write_text(run("audit_key")[1])
    assert notes.open_checkpoint(kept.read_text(), notes.parse_verifier_key(key.read_text())).size == 4
    with databases.as_worker():
        assert list(PendingEvent.objects.values_list("event", flat=True)) == ["checkpoint_exported"]

    code, said = run("audit_verify", "--checkpoint", str(kept), "--public-key", str(key))
    assert code == 0
    assert "conservés ailleurs 1" in said and "À savoir" not in said

    with databases.raw("owner") as owner:
        owner.execute("ALTER TABLE audit_logentry DISABLE TRIGGER USER")
        owner.execute("DELETE FROM audit_logentry WHERE index = 1")
        owner.execute("ALTER TABLE audit_logentry ENABLE TRIGGER USER")
    code, said = run("audit_verify", "--checkpoint", str(kept), "--public-key", str(key))
    assert code == 1
    assert "✗ L’entrée n° 1 a disparu." in said and "Le registre a été altéré" in said
    happen(1, NOON)
    with pytest.raises(CommandError, match="audit_verify"):
        run("audit_seal", "--now-only")


def test_an_auditor_verifies_through_their_own_role() -> None:
    """Row security shows the auditor no foreign body; the hashes of all are enough."""
    [note] = sealed(9)
    code, said = run("audit_verify", "--database", "audit")
    assert code == 0, said
    assert "9 entrées relues" in said and "9 contenus ne sont pas visibles d’ici" in said
    assert note


def test_a_checkpoint_of_another_log_or_of_nobody(tmp_path: Path) -> None:
    sealed(2)
    foreign = notes.sign_checkpoint(notes.Checkpoint("elsewhere.example/audit", 2, bytes(32)), bytes(32))
    file = tmp_path / "foreign.txt"
    file.write_text(foreign)
    code, said = run("audit_verify", "--checkpoint", str(file))
    assert code == 1 and "n’est pas signé par la clé de ce registre" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--checkpoint", "nowhere.txt"), "nowhere.txt"),
        (("--public-key", "nowhere.txt"), "nowhere.txt"),
    ],
)
def test_files_that_cannot_be_read(arguments: tuple[str, ...], message: str) -> None:
    sealed(1)
    with pytest.raises(CommandError, match=message):
        run("audit_verify", *arguments)


def test_a_key_file_that_is_no_key(tmp_path: Path) -> None:
    sealed(1)
    file = tmp_path / "key.txt"
    file.write_text("not a key")
    with pytest.raises(CommandError, match="pas une clé"):
        run("audit_verify", "--public-key", str(file))


def test_a_checkpoint_is_never_written_over_another_file(tmp_path: Path) -> None:
    file = tmp_path / "precious.txt"
    file.write_text("precious")
    sealed(1)
    with pytest.raises(CommandError, match="precious"):
        run("audit_checkpoint", "--out", str(file))
    assert file.read_text() == "precious"


def test_before_the_first_seal(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="audit_seal"):
        run("audit_checkpoint")
    (Path(settings.AUDIT_KEY_DIR) / keys.KEY_FILE).unlink(missing_ok=True)
    with pytest.raises(CommandError, match="--public-key"):
        run("audit_verify")
    file = tmp_path / "key.txt"
    file.write_text(run("audit_key")[1])
    assert run("audit_verify", "--public-key", str(file))[0] == 0
