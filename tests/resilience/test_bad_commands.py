"""Bad files for the operator's and the auditor's commands, and bad settings: refused by their line or name, nothing echoed."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from config.settings import environment
from outreach.importing.models import ImportLine
from outreach.records.models import Record
from privacy.audit import sealing
from privacy.audit import services as audit
from privacy.audit.events import Event
from tests import databases
from tests.factories import ACTOR, NOW, Tenant
from tests.outreach.importing import files
from tests.resilience.bad_values import NEEDLE, TEXTS, bent, raw, texts, tries
from tests.resilience.untouched import changed as differing
from tests.resilience.untouched import (  # noqa: F401 — a fixture of every test here
    counted,
    echoed_in_tables,
    listening,
    state,
)

pytestmark = [pytest.mark.database, pytest.mark.slow]


def test_a_file_with_bad_lines_keeps_the_good_ones(lanterne: Tenant, tmp_path: Path) -> None:
    """The whole command, wet: what is good comes in, what is bad stays out with its line, nothing of it stands anywhere."""
    bad = [
        files.row(Nombre=NEEDLE),
        files.row(X=NEEDLE),
        files.row(Date=f"{NEEDLE} 2026"),
        files.row(Besoins=f"={NEEDLE}(A1)"),
    ]
    rows = [files.row(), *bad, files.row(4), files.row(5, Accord=NEEDLE)]
    file, mapping = files.written(tmp_path / "f.csv", rows), files.mapping_file(tmp_path / "m.json")
    out = StringIO()
    arguments: dict[str, Any] = {
        "association": "lanterne",
        "team": "Équipe Nord",
        "mapping": str(mapping),
        "stdout": out,
    }
    with listening() as lines, databases.as_worker():
        call_command("import_records", str(file), "--wet-run", **arguments)
    with databases.as_owner():
        assert Record.objects.count() == 2
        assert [row.line for row in ImportLine.objects.order_by("line")] == [3, 4, 5, 6]
    assert NEEDLE not in out.getvalue() + "\n".join(lines)
    assert echoed_in_tables() == []


def test_files_for_the_auditor_s_proof(lanterne: Tenant, tmp_path: Path) -> None:
    with databases.as_worker():
        audit.record(Event.MAP_READ, association_id=lanterne.association.id, actor=ACTOR, now=NOW)
        sealing.publish_checkpoint(NOW, today_too=True)
    good, key, path = tmp_path / "kept", tmp_path / "key", tmp_path / "given"
    with databases.as_worker():
        call_command("audit_checkpoint", out=str(good), stderr=StringIO())
        said = StringIO()
        call_command("audit_key", stdout=said)
    key.write_text(said.getvalue())
    before = state()

    @tries(8, 100)
    @given(
        st.sampled_from(("checkpoint", "public_key")),
        st.one_of(
            bent(good.read_bytes()),
            bent(key.read_bytes()),
            st.sampled_from(TEXTS),
            texts.map(raw),
        ),
    )
    def holds(which: str, data: bytes) -> None:
        path.write_bytes(data)
        out = StringIO()
        with databases.as_worker(), listening() as lines:
            try:
                call_command("audit_verify", stdout=out, stderr=out, **{which: [str(path)]})
            except CommandError as refused:
                out.write(str(refused))
            except SystemExit as ended:
                assert ended.code == 1
        assert NEEDLE not in out.getvalue() + "\n".join(lines)
        assert differing(before) == set()

    holds()


@tries(60, 2_000)
@given(
    st.one_of(
        st.binary(max_size=200),
        bent(b"MARAUDES_A=b\n# note\nMARAUDES_C = d = e\n"),
        texts.map(lambda one: b"A=" + raw(one)),
    )
)
def test_the_file_of_settings(data: bytes) -> None:
    path = Path(settings.KEK_DIR or "/tmp") / "env-of-a-test"  # noqa: S108 — a folder of the run
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", dict(os.environ))
        try:
            environment.load(path)
        except ImproperlyConfigured as refused:
            assert NEEDLE not in str(refused) and "line" in str(refused)
        assert not any("\x00" in name + value or not name for name, value in os.environ.items())
    path.unlink()


@tries(60, 2_000)
@given(texts)
def test_a_setting_that_is_a_number(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", {"MARAUDES_SMTP_PORT": text})
        try:
            assert isinstance(environment.whole("MARAUDES_SMTP_PORT", 587), int)
        except ImproperlyConfigured as refused:
            assert "MARAUDES_SMTP_PORT" in str(refused) and NEEDLE not in str(refused)
