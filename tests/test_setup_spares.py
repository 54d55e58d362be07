"""What the set-up scripts must not take away, and what they must: somebody's own libraries; the promises of an erased log."""

from pathlib import Path

from tests.test_setup import PARTS, bash


def test_a_venv_from_elsewhere_is_used_and_never_emptied(tmp_path: Path) -> None:
    """MARAUDES_VENV may name somebody's own: a first run with other libraries, or another Python, must not take it away."""
    python = tmp_path / "theirs" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    (tmp_path / "theirs" / "kept").write_text("theirs")
    told = {"MARAUDES_VAR": str(tmp_path / "var"), "MARAUDES_VENV": str(tmp_path / "theirs")}
    install = PARTS + "SYSTEM_PYTHON=true; mkdir -p $STAMPS $VAR/log; install_python"
    done = bash(install, told)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "theirs" / "kept").read_text() == "theirs" and python.exists()

    python.unlink()
    refused = bash(install, {**told, "MARAUDES_VAR": str(tmp_path / "another")})
    assert refused.returncode != 0 and "MARAUDES_VENV" in refused.stderr
    assert (tmp_path / "theirs" / "kept").read_text() == "theirs"


def test_erasing_takes_the_keys_and_the_promises_of_the_log_along(tmp_path: Path) -> None:
    """A promise that outlived its database would say for ever that the new one is older than it."""
    files = [
        tmp_path / "kek" / "epoch-000001.key",
        *(
            tmp_path / "audit" / name
            for name in ("audit-ed25519.key", "audit-last-checkpoint", "audit-origin")
        ),
    ]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text("x")
    done = bash(PARTS + "sql() { :; }; drop_databases", {"MARAUDES_VAR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert not [file.name for file in files if file.exists()]
