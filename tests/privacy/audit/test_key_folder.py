"""The signing key has a folder of its own, which no process of the web has; an older key is moved, and no second one is made."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from config import checks
from privacy.audit import keys, sealing
from privacy.audit.last_checkpoint import LogContradicted
from tests import databases
from tests.privacy.audit.scenes import NOON, sealed
from tests.privacy.audit.test_commands import run

ROOT = Path(__file__).resolve().parents[3]

WEB = """
import sys
import django
django.setup()
from django.conf import settings
from django.urls import get_resolver
get_resolver().url_patterns  # loads every view
assert settings.AUDIT_KEY_DIR == "", "the web knows the folder"
assert "outreach.auditing.views" in sys.modules
print([name for name in ("privacy.audit.keys", "privacy.audit.sealing") if name in sys.modules])
"""


def test_the_web_neither_knows_the_folder_nor_loads_what_reads_it(tmp_path: Path) -> None:
    """By absence: the folder that the environment names does not exist, and root passes every lock."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "MARAUDES_DB_ROLE": "web",
        "MARAUDES_AUDIT_KEY_DIR": str(tmp_path / "not-there"),
        "MARAUDES_TEST_SUFFIX": "key_folder_",
    }
    done = subprocess.run(
        [sys.executable, "-c", WEB], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


@pytest.mark.database
def test_without_the_folder_nothing_is_signed_and_the_command_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sealed(2)
    with monkeypatch.context() as patch:
        patch.setattr(settings, "AUDIT_KEY_DIR", "")
        with databases.as_worker(), pytest.raises(keys.KeyNotHere):
            sealing.publish_checkpoint(NOON)
        for command in ("audit_seal", "audit_key"):
            with pytest.raises(CommandError, match="MARAUDES_AUDIT_KEY_DIR"):
                run(command)


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, db_clean: None) -> Iterator[tuple[Path, Path]]:
    """A service as the version before left it: the three files beside the epochs, and a new folder that is empty."""
    sealed(3)
    keys.remember_origin(keys.signing_key().origin)
    old, new = Path(settings.KEK_DIR), tmp_path / "audit"
    new.mkdir(mode=0o700)
    for name in (keys.KEY_FILE, keys.LAST_FILE, keys.ORIGIN_FILE):
        (old / name).write_bytes((Path(settings.AUDIT_KEY_DIR) / name).read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(settings, "AUDIT_KEY_DIR", str(new))
        yield old, new
    for name in (keys.KEY_FILE, keys.LAST_FILE, keys.ORIGIN_FILE):
        (old / name).unlink(missing_ok=True)


@pytest.mark.database
def test_an_older_key_is_moved_and_no_second_one_is_made_meanwhile(older: tuple[Path, Path]) -> None:
    old, new = older
    seed = (old / keys.KEY_FILE).read_bytes()
    for command in ("audit_seal", "audit_key", "audit_verify"):
        with pytest.raises(CommandError, match="audit_key --move"):
            run(command)
    assert list(new.iterdir()) == []
    assert "Fichiers déplacés : 3" in run("audit_key", "--move")[1]
    assert (new / keys.KEY_FILE).read_bytes() == seed
    assert (new / keys.KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert not list(old.glob("audit-*"))
    assert run("audit_verify")[0] == 0
    assert "Fichiers déplacés : 0" in run("audit_key", "--move")[1]


@pytest.mark.database
def test_a_move_that_broke_off_is_taken_up_and_two_different_keys_are_left_to_people(
    older: tuple[Path, Path],
) -> None:
    old, new = older
    (new / keys.LAST_FILE).write_bytes((old / keys.LAST_FILE).read_bytes())
    (new / keys.KEY_FILE).write_text("00" * 32 + "\n")
    with pytest.raises(CommandError, match="audit_key --move"):
        run("audit_key", "--move")
    assert (old / keys.KEY_FILE).exists(), "nothing is overwritten"
    (new / keys.KEY_FILE).unlink()
    run("audit_key", "--move")
    assert run("audit_verify")[0] == 0


@pytest.mark.database
def test_a_service_that_signed_makes_no_other_key_by_itself() -> None:
    sealed(3)
    path = Path(settings.AUDIT_KEY_DIR) / keys.KEY_FILE
    path.unlink()
    with databases.as_worker(), pytest.raises(LogContradicted):
        sealing.publish_checkpoint(NOON)
    with pytest.raises(CommandError, match="aucune autre"):
        run("audit_key")
    assert not path.exists()


def folder(path: Path, mode: int = 0o700) -> str:
    path.mkdir(mode=mode, exist_ok=True)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize(
    ("role", "where", "mode", "code"),
    [
        ("worker", "audit", 0o700, ""),
        ("worker", "audit", 0o750, "config.E015"),
        ("worker", "kek", 0o700, "config.E016"),
        ("worker", "", 0o700, ""),
        ("web", "audit", 0o700, "config.E017"),
        ("web", "", 0o700, ""),
    ],
)
def test_start_up_looks_at_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, role: str, where: str, mode: int, code: str
) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", True, raising=False)
    monkeypatch.setattr(settings, "DB_ROLE", role)
    monkeypatch.setattr(settings, "KEK_DIR", folder(tmp_path / "kek"))
    named = folder(tmp_path / where, mode) if where else ""
    monkeypatch.setattr(settings, "AUDIT_KEY_DIR", named if role == "worker" else "")
    monkeypatch.setenv("MARAUDES_AUDIT_KEY_DIR", named)
    assert [one.id for one in checks.signing_folder()] == ([code] if code else [])


def test_a_folder_that_is_not_there_and_a_key_where_the_web_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", True, raising=False)
    monkeypatch.setattr(settings, "KEK_DIR", folder(tmp_path / "kek"))
    monkeypatch.setattr(settings, "AUDIT_KEY_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(settings, "DB_ROLE", "worker")
    assert [one.id for one in checks.signing_folder()] == ["config.E014"]
    monkeypatch.setattr(settings, "DB_ROLE", "web")
    monkeypatch.delenv("MARAUDES_AUDIT_KEY_DIR", raising=False)
    assert checks.signing_folder() == []
    (tmp_path / "kek" / keys.KEY_FILE).write_text("")
    assert [one.id for one in checks.signing_folder()] == ["config.E018"]


def test_in_the_compose_file_only_the_worker_has_the_volume() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    services = text.split("\nservices:\n")[1].split("\nvolumes:\n")[0]
    blocks = {block.split(":")[0].strip(): block for block in services.split("\n\n")}
    having = {line for block in blocks.values() for line in block.splitlines() if "audit:/data/audit" in line}
    assert len(having) == 1
    worker = services[services.index("\n  worker:\n") : services.index("\n  beat:\n")]
    assert having.pop() in worker
    assert "MARAUDES_AUDIT_KEY_DIR: /data/audit" in worker
    assert services.count("MARAUDES_AUDIT_KEY_DIR") == 1
